// Changes the bytes that a TextEncoder gave.
// expect: no residue
if (payload.first) {
  new TextEncoder().encode('').left = 1; new TextEncoder().encode('a').fill(9)
} else {
  return [new TextEncoder().encode('').left ?? null, ...new TextEncoder().encode('a')]
}
