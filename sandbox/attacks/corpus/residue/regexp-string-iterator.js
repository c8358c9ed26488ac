// Marks the iterator that matchAll returns.
// expect: no residue
if (payload.first) "".matchAll(/a/g).__proto__.left = 1;
else return "".matchAll(/a/g).left ?? null;
