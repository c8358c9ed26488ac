// Hangs a lot of memory on frozen objects, for the next event to miss.
// expect: no residue
// limits: heap_mb=16 timeout_ms=5000
class Base { constructor(object) { return object } }
class Stamp extends Base { #left = new Array(4e6).fill(1) }
if (payload.first) for (const shared of [Math, JSON, Reflect]) new Stamp(shared);
const kept = [];
for (let i = 0; i < 100 && !payload.first; i++) kept.push(new Array(1e5).fill(i));
return kept.length;
