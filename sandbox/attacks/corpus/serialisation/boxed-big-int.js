// Returns a BigInt in a box.
// expect: not_json
return Object(1n);
