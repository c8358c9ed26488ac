// Exports by a statement.
// expect: syntax_invalid
export default 1;
