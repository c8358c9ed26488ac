// Imports a module of Node.
// expect: returned "refused"
try {
  return Object.keys(await import("fs"));
} catch {
  return "refused";
}
