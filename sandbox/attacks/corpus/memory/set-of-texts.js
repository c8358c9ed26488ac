// Fills a set with texts.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const s = new Set();
for (let i = 0; ; i++) s.add(`key ${i}`.padEnd(1000, "x"));
