// Makes ever more regular expressions.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const a = [];
for (let i = 0; ; i++) a.push(new RegExp(`a${i}b*`.repeat(1000)));
