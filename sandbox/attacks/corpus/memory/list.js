// Makes one list of it all, which only a deep walk can collect.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
let a = null;
for (;;) a = { a, b: 1, c: 2, d: 3, e: 4, f: new Array(20).fill(1) };
