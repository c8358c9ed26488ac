// Doubles an array.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
let a = [1];
for (;;) a = a.concat(a);
