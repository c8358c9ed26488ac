// Fills the heap with symbols.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const a = [];
for (let i = 0; ; i++) a.push(Symbol(`${i}`.padEnd(1000, "x")));
