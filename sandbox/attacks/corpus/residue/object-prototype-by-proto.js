// Gives all objects a property, reaching their prototype through __proto__.
// expect: no residue
if (payload.first) ({}).__proto__.left = 1;
else return ({}).left ?? null;
