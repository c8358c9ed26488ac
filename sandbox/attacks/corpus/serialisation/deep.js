// Returns something nested a hundred thousand deep.
// expect: output_too_large
// limits: output_bytes=1000
let a = [];
for (let i = 0; i < 1e5; i++) a = [a];
return a;
