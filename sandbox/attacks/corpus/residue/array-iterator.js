// Ends every iteration over an array at once.
// expect: no residue
if (payload.first) [].values().__proto__.next = () => ({ done: true });
else return [...[1]];
