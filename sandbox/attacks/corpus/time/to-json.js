// Loops for ever while its output is written.
// expect: timed_out
// limits: timeout_ms=100
return { toJSON() { for (;;); } };
