// Keeps generators that have begun.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const a = [];
for (;;) {
  const generator = (function* () { const held = new Array(100).fill(1); yield held; })();
  generator.next();
  a.push(generator);
}
