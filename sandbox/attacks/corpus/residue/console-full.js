// Fills the console, from within what is shown on it too.
// expect: no residue
// limits: console_lines=3 console_bytes=100
if (payload.first) {
  const deep = (n) => console.log({ toJSON() { if (n) deep(n - 1); return "left".repeat(99) } });
  deep(9);
} else {
  console.log("mine");
}
