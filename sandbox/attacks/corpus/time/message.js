// Loops for ever in the message of what it throws.
// expect: timed_out
// limits: timeout_ms=100
throw { toString() { for (;;); }, toJSON() { for (;;); } };
