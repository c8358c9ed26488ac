// Returns a BigInt.
// expect: not_json
return { n: 1n };
