// Reads from the class or object it may have been put into.
// expect: syntax_invalid
return super.constructor;
