// Lets a buffer grow up to a gigabyte, and writes to it.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const buffer = new ArrayBuffer(8, { maxByteLength: 2 ** 30 });
for (let mb = 16; mb < 1024; mb += 16) {
  buffer.resize(mb * 2 ** 20);
  new Uint8Array(buffer, (mb - 16) * 2 ** 20).fill(1);
}
for (;;);
