// Returns an object that refuses to be written.
// expect: threw Error: refused
return { toJSON() { throw new Error("refused") } };
