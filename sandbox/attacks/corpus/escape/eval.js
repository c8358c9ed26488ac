// Evaluates a text.
// expect: threw EvalError
return eval("1");
