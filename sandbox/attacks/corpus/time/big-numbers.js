// Multiplies numbers of four thousand bits for ever.
// expect: timed_out
// limits: timeout_ms=100
let x = 3n;
for (;;) x = (x * x) % 2n ** 4096n;
