// Replaces the clock.
// expect: no residue
if (payload.first) Date.now = () => 1, Date.left = 1;
else return [Date.now(), Date.left ?? null];
