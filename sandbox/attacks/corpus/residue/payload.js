// Writes into its payload.
// expect: no residue
if (payload.first) payload.left = 1, payload.list.push(1);
else return payload;
