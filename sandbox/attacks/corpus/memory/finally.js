// Fills the heap, and again where it would be stopped.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const a = [];
try {
  for (;;) a.push({});
} finally {
  for (;;) a.push({});
}
