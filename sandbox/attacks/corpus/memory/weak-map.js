// Fills a weak map whose keys it keeps.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const keys = [];
const m = new WeakMap();
for (;;) {
  const key = {};
  keys.push(key);
  m.set(key, new Array(100).fill(1));
}
