// Hides the end of the wrapper in a comment of old HTML.
// expect: syntax_invalid
<!--
}, {
