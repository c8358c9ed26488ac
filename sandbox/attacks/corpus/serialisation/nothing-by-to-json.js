// Returns an object that says it is nothing.
// expect: not_json
return { toJSON() {} };
