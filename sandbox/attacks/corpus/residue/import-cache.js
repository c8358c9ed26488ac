// Asks twice for a module, to learn whether somebody asked before.
// expect: no residue
if (payload.first) import("left").catch(() => {});
else return import("left").catch((error) => String(error));
