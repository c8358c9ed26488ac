// Writes on the console while something is shown there, many levels deep.
// expect: returned 1
// limits: console_lines=5
const deep = (n) => console.log({ toJSON() { if (n > 0) deep(n - 1) } });
deep(200);
return 1;
