// Joins an array that is as long as an array can be.
// expect: timed_out
// limits: timeout_ms=100
return new Array(2 ** 32 - 1).map(String).join();
