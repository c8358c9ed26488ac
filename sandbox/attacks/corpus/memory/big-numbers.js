// Keeps numbers of a million bits.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const a = [];
for (let i = 1n; ; i++) a.push((1n << 1_000_000n) + i);
