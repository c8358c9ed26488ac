// Calls the constructor of a class it may have been put into.
// expect: syntax_invalid
super();
