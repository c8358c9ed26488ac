// Makes arrays derive their copies from another constructor.
// expect: no residue
if (payload.first) {
  try { Object.defineProperty(Array, Symbol.species, { get: () => Set }) } catch {}
  try { Array.prototype.constructor = { [Symbol.species]: Set } } catch {}
} else {
  return [1].map((x) => x) instanceof Array;
}
