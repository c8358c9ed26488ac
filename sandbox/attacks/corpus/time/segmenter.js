// Divides long texts into words.
// expect: timed_out
// limits: timeout_ms=100
const words = new Intl.Segmenter("th", { granularity: "word" });
for (;;) [...words.segment("ก".repeat(1e5))];
