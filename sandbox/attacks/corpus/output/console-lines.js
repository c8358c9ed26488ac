// Writes more lines on the console than it may.
// expect: returned 1
for (let i = 0; i < 1e4; i++) console.log(i);
return 1;
