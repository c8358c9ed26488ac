// Makes the prototype of all arrays longer, which is an array itself.
// expect: no residue
if (payload.first) {
  try { Array.prototype.push("left") } catch {}
  try { Array.prototype.length = 3 } catch {}
  Array.prototype[0] = "left";
} else {
  return [[,].at(0) ?? null, Array.prototype.length];
}
