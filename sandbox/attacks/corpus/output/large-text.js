// Returns a long text.
// expect: output_too_large
return "x".repeat(2e6);
