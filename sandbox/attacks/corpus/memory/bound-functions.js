// Binds a function again and again.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
let f = () => 1;
const words = new Array(1000).fill(1);
for (;;) f = f.bind(f, ...words);
