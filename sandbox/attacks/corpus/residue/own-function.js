// Marks the program's own function.
// expect: no residue
if (payload.first) arguments.callee.left = 1;
else try { return arguments.callee.left } catch (error) { return error.name }
