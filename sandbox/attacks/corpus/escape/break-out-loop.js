// Closes the function and loops for ever while it is compiled.
// expect: syntax_invalid
}); for (;;); (async function () {
