// Puts a private field on the frozen prototype of URL.
// expect: no residue
if (payload.first) {
  class Stamp extends (function (o) { return o }) { #left = 1 } new Stamp(URL.prototype)
} else {
  class Stamp { #left = 1; static has(o) { return #left in o } } return Stamp.has(URL.prototype)
}
