// Iterates over an async generator that has no end.
// expect: timed_out
// limits: timeout_ms=100
for await (const x of (async function* () { for (;;) yield 1 })()) x;
