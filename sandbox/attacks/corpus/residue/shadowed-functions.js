// Marks the functions that the accessors against the override mistake give out.
// expect: no residue
const shared = [
  Object.prototype.toString, Object.prototype.hasOwnProperty, Function.prototype.call,
  Function.prototype.bind, Array.prototype.join, Error.prototype.toString,
  TypeError.prototype.constructor, Object.prototype.__defineGetter__,
];
if (payload.first) {
  for (const f of shared) {
    try { f.left = 1 } catch {}
    try { Object.setPrototypeOf(f, null) } catch {}
  }
} else {
  return shared.map((f) => [f.left ?? null, Object.getPrototypeOf(f) === Function.prototype]);
}
