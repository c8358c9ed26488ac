// Fills the heap with long texts.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const a = [];
for (let i = 0; ; i++) a.push(`${i}`.padEnd(1e6, "é"));
