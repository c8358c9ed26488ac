// Puts a private method and a public field on the shared prototype of all objects.
// expect: no residue
class Base { constructor(object) { return object } }
class Stamp extends Base { #left() {} shown = 1; static has(object) { return #left in object } }
if (payload.first) new Stamp(Object.prototype);
else return [Stamp.has(Object.prototype), ({}).shown ?? null];
