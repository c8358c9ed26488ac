// Opens a template and never closes it.
// expect: syntax_invalid
`${
