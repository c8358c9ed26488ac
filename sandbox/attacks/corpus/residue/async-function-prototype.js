// Gives all async functions a property.
// expect: no residue
if (payload.first) (async () => 1).__proto__.left = 1;
else return (async () => 1).left ?? null;
