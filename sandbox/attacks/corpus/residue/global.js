// Leaves a property on the global object.
// expect: no residue
if (payload.first) globalThis.left = 1;
else return typeof left;
