// Gives all functions a property.
// expect: no residue
if (payload.first) (() => 1).__proto__.left = 1;
else return (() => 1).left ?? null;
