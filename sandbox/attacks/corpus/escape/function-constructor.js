// Makes a function out of a text.
// expect: threw EvalError
return new Function("return 1")();
