// Makes a generator out of a text.
// expect: threw EvalError
return (function* () {}).constructor("yield 1")().next();
