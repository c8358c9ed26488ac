// Leaves a property on what a sloppy function would have as this.
// expect: no residue
if (payload.first) (0, function () { return this })().left = 1;
else return typeof left;
