// Returns what has no value, inside of something.
// expect: returned {"b":[null,null,null]}
return { a: undefined, b: [undefined, () => 1, Symbol("s")], [Symbol("c")]: 1 };
