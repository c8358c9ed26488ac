// Loops for ever, and again where it would be stopped.
// expect: timed_out
// limits: timeout_ms=100
for (;;) try { for (;;); } catch {} finally { for (;;); }
