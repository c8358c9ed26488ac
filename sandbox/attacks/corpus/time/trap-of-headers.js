// Loops for ever in a getter it put on its headers.
// expect: timed_out
// limits: timeout_ms=100
Object.defineProperty(headers, "a", { get() { for (;;); }, enumerable: true });
return headers.A;
