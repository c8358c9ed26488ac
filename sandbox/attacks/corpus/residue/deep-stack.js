// Recurses until the stack is full.
// expect: no residue
if (payload.first) (function f() { f() })();
else return 1;
