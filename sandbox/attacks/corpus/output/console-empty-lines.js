// Writes empty lines on the console, which have no bytes.
// expect: returned 1
// limits: console_lines=1000000 console_bytes=10
for (let i = 0; i < 1e4; i++) console.log();
return 1;
