// Makes a function out of a text with the constructor that every function leads to.
// expect: threw EvalError
return (() => 1).constructor("return 1")();
