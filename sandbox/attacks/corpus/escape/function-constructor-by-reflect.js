// Makes a function out of a text, by Reflect and for another class.
// expect: threw EvalError
return Reflect.construct(Function, ["return 1"], class extends Function {});
