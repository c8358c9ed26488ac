// Replaces the console.
// expect: no residue
if (payload.first) console.log = 1, console.left = 1;
else return [typeof console.log, console.left ?? null];
