// Fills typed arrays, which V8's limit does not count.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const a = [];
for (;;) a.push(new Uint8Array(1e7).fill(1));
