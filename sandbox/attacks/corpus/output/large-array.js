// Returns an array of long texts.
// expect: output_too_large
return Array(1e5).fill("x".repeat(100));
