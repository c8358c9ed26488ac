// Builds texts of nearly all there can be out of shared parts, and has them made flat.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const flat = [];
for (;;) {
  let rope = `${flat.length} 0123456789abcdef`;
  while (rope.length < 2 ** 26) rope += rope;
  rope.charCodeAt(12345);
  flat.push(rope);
}
