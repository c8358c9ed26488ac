// Evaluates a text in the global scope.
// expect: threw EvalError
return (0, eval)("1");
