// Loops for ever while somebody looks whether it is a promise.
// expect: timed_out
// limits: timeout_ms=100
return { get then() { for (;;); } };
