// Reads the call sites while V8 gives them to the function that writes stacks.
// expect: returned "string"
const error = new Error("x");
error.toString = () => typeof error.stack;
return typeof error.stack;
