// Loops for ever once it was awaited.
// expect: timed_out
// limits: timeout_ms=100
await null;
for (;;);
