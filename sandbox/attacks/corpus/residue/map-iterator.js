// Ends every iteration over a map or a set at once.
// expect: no residue
if (payload.first) {
  new Map().keys().__proto__.next = () => ({ done: true });
  new Set().keys().__proto__.next = () => ({ done: true });
} else {
  return [...new Map([[1, 2]]).keys(), ...new Set([3])];
}
