// Replaces what writes the stacks of errors.
// expect: no residue
if (payload.first) Error.prepareStackTrace = () => "left";
else return new Error("x").stack;
