// Leaves traces on URL and its prototype.
// expect: no residue
if (payload.first) {
  URL.left = 1; URL.prototype.left = 1; URL.parse = () => 'left'; globalThis.URL = 1
} else {
  return [URL.left ?? null, new URL('https://x').left ?? null, URL.parse('https://x')]
}
