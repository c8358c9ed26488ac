// Returns something that is far larger written out.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
let deep = ["x".repeat(1000)];
for (let i = 0; i < 24; i++) deep = [deep, deep];
return deep;
