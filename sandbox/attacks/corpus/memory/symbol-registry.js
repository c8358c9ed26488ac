// Fills the table of symbols by name.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
for (let i = 0; ; i++) Symbol.for(`${i}`.padEnd(1e5, "x"));
