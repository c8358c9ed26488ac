// Leaves traces on the functions for hashes and ids.
// expect: no residue
if (payload.first) {
  sha256('a'); hmac('k', 'a'); uuid5('a'); sha256.left = 1; globalThis.uuid5 = () => 'left'
} else {
  return [sha256('a'), hmac('k', 'a'), uuid5('a'), sha256.left ?? null]
}
