// Loops for ever in what is shown on the console.
// expect: timed_out
// limits: timeout_ms=100
console.log({ toJSON() { for (;;); } });
