// Returns, and loops for ever in a reaction it left behind.
// expect: timed_out
// limits: timeout_ms=100
Promise.resolve().then(() => { for (;;); });
return 1;
