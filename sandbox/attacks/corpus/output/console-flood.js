// Writes on the console without end.
// expect: timed_out
// limits: timeout_ms=100
for (;;) console.log("x");
