// Lets each reaction start the next, and returns.
// expect: timed_out
// limits: timeout_ms=100
const f = () => { Promise.resolve().then(f) };
f();
