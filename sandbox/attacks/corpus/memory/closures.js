// Makes each closure hold the one before.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
let f = () => 1;
for (;;) {
  const g = f;
  const held = new Array(100).fill(1);
  f = () => [g, held];
}
