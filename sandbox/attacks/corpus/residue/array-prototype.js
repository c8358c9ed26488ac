// Replaces a method of all arrays.
// expect: no residue
if (payload.first) Array.prototype.map = () => "left";
else return [1].map((x) => x);
