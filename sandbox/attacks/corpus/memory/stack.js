// Fills the stack with large frames.
// expect: threw RangeError: Maximum call stack size exceeded
const f = (...a) => f(...a, ...a);
return f(1, 2, 3);
