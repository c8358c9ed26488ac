// Loops for ever when the stack of an error is written.
// expect: timed_out
// limits: timeout_ms=100
const error = new Error();
error.toString = () => { for (;;); };
throw error;
