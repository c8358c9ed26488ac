// Returns a thenable whose then never returns.
// expect: timed_out
// limits: timeout_ms=100
return { then() { for (;;); } };
