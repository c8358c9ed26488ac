// Closes the function and calls something outside of it.
// expect: syntax_invalid
}); evil(); (function () {
