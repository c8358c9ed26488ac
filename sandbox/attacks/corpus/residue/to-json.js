// Gives texts, numbers and big numbers a form in JSON.
// expect: no residue
if (payload.first) {
  for (const kind of [String, Number, Boolean, BigInt, Symbol]) {
    try { kind.prototype.toJSON = () => "left" } catch {}
  }
} else {
  return ["a", 1, true];
}
