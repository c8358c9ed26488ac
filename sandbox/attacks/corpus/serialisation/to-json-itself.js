// Returns an object whose toJSON returns itself.
// expect: returned {"a":1}
const own = { a: 1, toJSON: () => own };
return own;
