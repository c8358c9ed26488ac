// Loops for ever in the reviver of JSON.parse.
// expect: timed_out
// limits: timeout_ms=100
JSON.parse("[1]", () => { for (;;); });
