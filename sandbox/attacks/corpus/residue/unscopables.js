// Marks the object that hides the array methods from with statements.
// expect: no residue
if (payload.first) Array.prototype[Symbol.unscopables].left = true;
else return Array.prototype[Symbol.unscopables].left ?? null;
