// Loops for ever while its output is read.
// expect: timed_out
// limits: timeout_ms=100
return { get a() { for (;;); } };
