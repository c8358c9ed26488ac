// Replaces chance, and marks Math.
// expect: no residue
if (payload.first) Math.left = 1, Math.random = () => 4;
else return [Math.left ?? null, Math.random()];
