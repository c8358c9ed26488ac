// Changes what URLSearchParams inherit.
// expect: no residue
if (payload.first) {
  URLSearchParams.prototype.get = () => 'left'; URLSearchParams.prototype.left = 1
} else {
  const p = new URLSearchParams('a=1'); return [p.get('a'), p.left ?? null]
}
