// Replaces how dates are written.
// expect: no residue
if (payload.first) Date.prototype.toJSON = () => "left";
else return new Date();
