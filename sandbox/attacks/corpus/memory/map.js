// Fills a map.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const m = new Map();
for (let i = 0; ; i++) m.set(i, new Array(100).fill(i));
