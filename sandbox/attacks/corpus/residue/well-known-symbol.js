// Replaces a well-known symbol.
// expect: no residue
if (payload.first) Symbol.iterator = Symbol("left");
else return [typeof [][Symbol.iterator], String(Symbol.iterator)];
