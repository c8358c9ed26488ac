// Marks the iterators that map and the like return.
// expect: no residue
if (payload.first) [].values().map((x) => x).__proto__.left = 1;
else return [].values().map((x) => x).left ?? null;
