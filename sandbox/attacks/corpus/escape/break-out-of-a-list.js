// Closes the function and goes on in a list of expressions.
// expect: syntax_invalid
}, globalThis.left = 1, async function () {
