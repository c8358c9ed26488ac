// Lets an async function call itself after each await.
// expect: timed_out
// limits: timeout_ms=100
const f = async () => { await null; return f() };
await f();
