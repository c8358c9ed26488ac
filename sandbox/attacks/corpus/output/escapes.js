// Returns a text that is six times as long once it is written as JSON.
// expect: output_too_large
// limits: output_bytes=1000
return "\u0001".repeat(200);
