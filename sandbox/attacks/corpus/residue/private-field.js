// Puts a private field on a frozen object through a base class that returns it.
// expect: no residue
class Base { constructor(object) { return object } }
class Stamp extends Base { #left = 1; static has(object) { return #left in object } }
if (payload.first) new Stamp(Math);
else return Stamp.has(Math);
