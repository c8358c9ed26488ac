// Writes on the console while its output is written.
// expect: returned {"a":1}
// limits: console_lines=5
return { toJSON() { for (let i = 0; i < 99; i++) console.log(i); return { a: 1 } } };
