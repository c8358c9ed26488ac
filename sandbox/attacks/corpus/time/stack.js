// Loops for ever in the stack of what it throws.
// expect: timed_out
// limits: timeout_ms=100
throw Object.defineProperty(new Error(), "stack", { get() { for (;;); } });
