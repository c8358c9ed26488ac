// Returns much that claims to be JSON already.
// expect: output_too_large
return [JSON.rawJSON(`"${"x".repeat(2e6)}"`)];
