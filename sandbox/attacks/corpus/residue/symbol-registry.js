// Fills the table of symbols by name, which holds its names for ever.
// expect: no residue
// limits: heap_mb=16 timeout_ms=5000
if (payload.first) for (let i = 0; i < 45; i++) Symbol.for(`${i}`.padEnd(1e6, "left"));
const kept = [];
for (let i = 0; i < 100 && !payload.first; i++) kept.push(new Array(1e5).fill(i));
return kept.length;
