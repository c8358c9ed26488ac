// Marks the prototype that all typed arrays share and no global name leads to.
// expect: no residue
if (payload.first) Int8Array.__proto__.prototype.left = 1;
else return new Int8Array(1).left ?? null;
