// Returns a proxy of an array that is very long.
// expect: timed_out
// limits: timeout_ms=100
return new Proxy([], { get: (list, key) => (key === "length" ? 1e8 : list[key]) });
