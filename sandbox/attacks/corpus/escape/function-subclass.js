// Makes a function out of a text in a class derived from Function.
// expect: threw EvalError
return new (class extends Function {})("return 1")();
