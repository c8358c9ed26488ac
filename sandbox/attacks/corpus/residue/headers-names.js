// Replaces what the look-up of headers uses.
// expect: no residue
if (payload.first) Object.keys = () => [], String.prototype.toLowerCase = () => "left";
else return headers["x-one"];
