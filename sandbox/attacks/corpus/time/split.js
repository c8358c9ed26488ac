// Joins and splits, all of it in builtins.
// expect: timed_out
// limits: timeout_ms=100
const text = "ab".repeat(1e5);
for (;;) text.split("a").join("a");
