// Throws a proxy that never says what its prototype is.
// expect: timed_out
// limits: timeout_ms=100
throw new Proxy({}, { getPrototypeOf() { for (;;); } });
