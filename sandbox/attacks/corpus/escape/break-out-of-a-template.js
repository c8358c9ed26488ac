// Closes the function and leaves a template open.
// expect: syntax_invalid
}`${evil()}` || {
