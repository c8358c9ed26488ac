// Writes one line on the console that is longer than it may be.
// expect: returned 1
// limits: console_bytes=100
console.log("é".repeat(1e6));
return 1;
