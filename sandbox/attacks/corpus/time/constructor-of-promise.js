// Loops for ever while the promise it returned is awaited.
// expect: timed_out
// limits: timeout_ms=100
return Object.defineProperty(Promise.resolve(1), "constructor", { get() { for (;;); } });
