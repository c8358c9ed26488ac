// Has a number written out that is a million digits long, again and again.
// expect: timed_out
// limits: timeout_ms=100
let digits = 0;
for (;;) digits += (7n ** 300_000n).toString().length;
