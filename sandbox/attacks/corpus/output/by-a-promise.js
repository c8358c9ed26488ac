// Returns a promise of too much.
// expect: output_too_large
return Promise.resolve("x".repeat(2e6));
