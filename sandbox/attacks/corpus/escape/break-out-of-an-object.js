// Closes the method and goes on in an object.
// expect: syntax_invalid
}, [evil()]: 1, async run() {
