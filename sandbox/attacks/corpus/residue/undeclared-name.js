// Assigns to a name that nobody declared.
// expect: no residue
if (payload.first) left = 1;
else return typeof left;
