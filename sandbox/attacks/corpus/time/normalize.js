// Normalises long texts.
// expect: timed_out
// limits: timeout_ms=100
const long = "e\u0301\u0323".repeat(1e5);
for (;;) long.normalize("NFC").normalize("NFD");
