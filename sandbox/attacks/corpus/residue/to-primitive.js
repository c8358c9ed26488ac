// Replaces how dates and symbols become primitive.
// expect: no residue
if (payload.first) Date.prototype[Symbol.toPrimitive] = () => 1;
else return `${new Date(0)}`;
