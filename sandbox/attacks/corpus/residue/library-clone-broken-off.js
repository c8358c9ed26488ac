// Breaks a structured clone off in the middle.
// expect: no residue
if (payload.first) {
  try { structuredClone([{}, {get a() { throw 1 }}]) } catch {}
} else {
  return structuredClone([{a: 1}])
}
