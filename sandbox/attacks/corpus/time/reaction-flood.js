// Lets each reaction start the next.
// expect: timed_out
// limits: timeout_ms=100
const f = () => Promise.resolve().then(f);
await f();
