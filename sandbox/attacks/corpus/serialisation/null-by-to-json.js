// Returns an object that says it is null.
// expect: returned null
return { toJSON: () => null };
