// Breaks a hash off in the middle of its data.
// expect: no residue
if (payload.first) {
  try { sha256(new Proxy({}, {get() { throw 1 }})) } catch {}
} else {
  return sha256('')
}
