// Returns an object that throws when it is read.
// expect: threw Error: refused
return { get a() { throw new Error("refused") } };
