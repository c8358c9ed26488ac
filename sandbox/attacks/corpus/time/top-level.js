// Loops for ever at the top level.
// expect: timed_out
// limits: timeout_ms=100
for (;;);
