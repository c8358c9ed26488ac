// Adds a parameter to a URL that the next event makes as well.
// expect: no residue
if (payload.first) {
  new URL('https://x/?a=1').searchParams.append('left', 1)
} else {
  return [...new URL('https://x/?a=1').searchParams]
}
