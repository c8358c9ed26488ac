// Returns little that says in JSON that it is much.
// expect: output_too_large
return { toJSON: () => "x".repeat(2e6) };
