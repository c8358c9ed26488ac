// Makes an async function out of a text.
// expect: threw EvalError
return (async () => 1).constructor("return 1")();
