// Replaces what await of a subclass goes through.
// expect: no residue
if (payload.first) Promise.prototype.then = () => "left";
else return Promise.resolve(1);
