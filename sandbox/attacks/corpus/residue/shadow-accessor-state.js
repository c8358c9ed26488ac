// Makes the accessor that stands for Object.prototype.toString keep what it is given.
// expect: no residue
const { get, set } = Object.getOwnPropertyDescriptor(Object.prototype, "toString");
if (payload.first) {
  try { set.call(Object.prototype, () => "left") } catch {}
  try { set.call(Array.prototype, () => "left") } catch {}
  try { get.left = set.left = 1 } catch {}
  Reflect.set(Object.prototype, "toString", () => "left", Math);
} else {
  return [`${{}}`, `${[1]}`, String(Math), get.left ?? null, set.left ?? null];
}
