// Gives one object ever more properties.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const o = {};
for (let i = 0; ; i++) o[`key ${i}`] = new Array(100).fill(i);
