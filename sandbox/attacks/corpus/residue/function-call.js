// Replaces how functions are called.
// expect: no residue
if (payload.first) Function.prototype.call = () => "left";
else return Array.prototype.slice.call([1]);
