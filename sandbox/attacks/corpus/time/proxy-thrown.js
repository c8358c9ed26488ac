// Throws a proxy whose trap never returns.
// expect: timed_out
// limits: timeout_ms=100
throw new Proxy(new Error(), { get() { for (;;); } });
