// Loops for ever while an array is sorted.
// expect: timed_out
// limits: timeout_ms=100
[3, 2, 1].sort(() => { for (;;); });
