// Writes on the console.
// expect: no residue
if (payload.first) console.log("left");
else console.log("mine");
