// Leaves as much garbage as it may use, so that the next event starts with a full heap.
// expect: no residue
// limits: heap_mb=16 timeout_ms=5000
const parts = [];
for (let i = 0; i < 58; i++) parts.push(`${payload.first}${i}`.padEnd(1e6, "x"));
for (const part of parts) part.charCodeAt(1e5);
return parts.length;
