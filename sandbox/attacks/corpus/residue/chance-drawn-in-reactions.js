// Draws from chance in reactions that run on after the event.
// expect: no residue
if (payload.first) Promise.resolve().then(function f() { Math.random(); return Promise.resolve() });
else return Math.random();
