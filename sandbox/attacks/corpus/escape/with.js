// Puts an object of its own between itself and its scope.
// expect: syntax_invalid
with (payload) {}
