// Returns a proxy whose trap never returns.
// expect: timed_out
// limits: timeout_ms=100
return new Proxy({}, { ownKeys() { for (;;); } });
