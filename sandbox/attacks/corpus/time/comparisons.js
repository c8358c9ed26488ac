// Sorts a long array with a slow comparison that contradicts itself.
// expect: timed_out
// limits: timeout_ms=100
Array.from({ length: 1e6 }, (_, i) => i).sort(() => Math.random() - 0.5);
