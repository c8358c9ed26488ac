// Loops for ever before a function has begun.
// expect: timed_out
// limits: timeout_ms=100
((a = (() => { for (;;); })()) => a)();
