// Fills the heap with arrays.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const a = [];
for (;;) a.push(new Array(1000).fill(1));
