// Replaces how all generators go on.
// expect: no residue
if (payload.first) (function* () {}).prototype.__proto__.__proto__.next = 1;
else return [...(function* () { yield 1 })()];
