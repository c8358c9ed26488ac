// Writes a line of a hundred thousand words.
// expect: returned 1
// limits: console_bytes=100
console.log(...new Array(1e5).fill("word"));
return 1;
