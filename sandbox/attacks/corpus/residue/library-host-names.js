// Makes the table of host names remember.
// expect: no residue
if (payload.first) {
  new URL('https://münchen.de'); try { new URL('https://́') } catch {}
} else {
  return new URL('https://münchen.de').host
}
