// Interrupts the seeding of chance by a stack that is full.
// expect: no residue
if (payload.first) (function f() { try { f() } finally { Math.random() } })();
else return [Math.random(), Math.random()];
