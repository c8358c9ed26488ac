// Returns an object whose one key is too large.
// expect: output_too_large
return { ["k".repeat(2e6)]: 1 };
