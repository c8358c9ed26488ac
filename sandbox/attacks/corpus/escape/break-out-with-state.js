// Closes the function and gives another, which remembers.
// expect: syntax_invalid
}, (() => { let s = 0; return function () { return s++ } })() || function () {
