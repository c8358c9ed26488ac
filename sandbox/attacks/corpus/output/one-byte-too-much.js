// Returns one byte more than it may.
// expect: output_too_large
// limits: output_bytes=62
return "é".repeat(30) + "e";
