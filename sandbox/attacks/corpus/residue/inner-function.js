// Marks a function declared in the program, whose code is compiled once.
// expect: no residue
function inner() { return inner.calls = (inner.calls ?? 0) + 1 }
if (payload.first) inner();
else return inner();
