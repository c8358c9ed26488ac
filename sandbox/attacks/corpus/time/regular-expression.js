// Backtracks through a regular expression.
// expect: timed_out
// limits: timeout_ms=100
return /^(a+)+$/.test("a".repeat(50) + "b");
