// Fills an array from a source that never ends and is always ready.
// expect: timed_out
// limits: timeout_ms=100
return Array.fromAsync((function* () { for (;;) yield; })()).then(() => 1);
