// Returns a text that is short in letters and long in bytes.
// expect: output_too_large
// limits: output_bytes=100
return "€".repeat(40);
