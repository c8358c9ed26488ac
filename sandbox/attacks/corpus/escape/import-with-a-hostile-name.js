// Imports something whose name runs code when it becomes a text.
// expect: returned ["refused"]
const seen = [];
const name = { toString() { seen.push("name"); return "/etc/passwd" } };
return import(name, { with: { type: "json" } }).then(
  () => seen,
  () => (seen.push("refused"), seen),
);
