// Closes the function with a member whose name is computed.
// expect: syntax_invalid
} [evil()]() {
