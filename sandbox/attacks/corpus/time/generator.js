// Iterates over a generator that has no end.
// expect: timed_out
// limits: timeout_ms=100
for (const x of (function* () { for (;;) yield 1 })()) x;
