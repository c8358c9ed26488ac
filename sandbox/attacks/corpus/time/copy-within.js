// Copies a large buffer within itself.
// expect: timed_out
// limits: timeout_ms=100
const bytes = new Uint8Array(1e7);
for (;;) bytes.copyWithin(1, 0);
