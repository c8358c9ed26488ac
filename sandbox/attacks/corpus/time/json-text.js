// Parses a text that is mostly brackets, again and again.
// expect: timed_out
// limits: timeout_ms=100
const text = "[".repeat(1000) + "]".repeat(1000);
for (;;) JSON.parse(text);
