// Gives all objects a property.
// expect: no residue
if (payload.first) Object.prototype.left = 1;
else return ({}).left ?? null;
