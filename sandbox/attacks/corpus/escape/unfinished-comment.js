// Opens a comment and never closes it.
// expect: syntax_invalid
/*
