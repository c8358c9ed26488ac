// Says that stacks have no frames.
// expect: no residue
if (payload.first) Error.stackTraceLimit = 0;
else return new Error("x").stack;
