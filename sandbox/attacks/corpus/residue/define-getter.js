// Defines an accessor on a shared prototype with the old __defineGetter__.
// expect: no residue
if (payload.first) Object.prototype.__defineGetter__.call(Array.prototype, "left", () => 1);
else return [].left ?? null;
