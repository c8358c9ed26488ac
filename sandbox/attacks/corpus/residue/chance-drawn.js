// Draws from chance, so that the next draw is another.
// expect: no residue
if (payload.first) for (let i = 0; i < 9; i++) Math.random();
else return Math.random();
