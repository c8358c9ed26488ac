// Loops for ever in a reaction that it awaits.
// expect: timed_out
// limits: timeout_ms=100
await Promise.resolve().then(() => { for (;;); });
