// Makes an async generator out of a text.
// expect: threw EvalError
return (async function* () {}).constructor("yield 1")();
