// Ends every iteration over URLSearchParams.
// expect: no residue
if (payload.first) {
  new URLSearchParams().keys().__proto__.next = () => ({done: true})
} else {
  return [...new URLSearchParams('a=1')]
}
