// Leaves traces on a TextDecoder and its method.
// expect: no residue
if (payload.first) {
  TextDecoder.prototype.decode.left = 1; new TextDecoder().decode().left = 1
} else {
  return [TextDecoder.prototype.decode.left ?? null, new TextDecoder().decode()]
}
