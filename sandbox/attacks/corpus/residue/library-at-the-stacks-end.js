// Runs out of stack inside the standard library.
// expect: no residue
if (payload.first) {
  (function f() { try { f() } catch { try { new URL('https://ü.de/?a'); sha256('a') } catch {} } })()
} else {
  return [new URL('https://ü.de/?a').href, sha256('a')]
}
