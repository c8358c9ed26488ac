// Loops for ever while it becomes a number.
// expect: timed_out
// limits: timeout_ms=100
return new Date({ [Symbol.toPrimitive]() { for (;;); } });
