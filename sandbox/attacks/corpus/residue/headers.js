// Writes into its headers and their prototype.
// expect: no residue
if (payload.first) headers["X-Left"] = 1, headers.__proto__.left = 1;
else return [{ ...headers }, headers.left ?? null];
