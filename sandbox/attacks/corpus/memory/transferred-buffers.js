// Moves a buffer to ever larger ones.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const kept = [];
for (let mb = 1; ; mb++) {
  kept.push(new Uint8Array(new ArrayBuffer(2 ** 20).transfer(mb * 2 ** 20)).fill(1));
}
