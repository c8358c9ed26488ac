// Makes instanceof say yes to everything.
// expect: no residue
if (payload.first) {
  Object.defineProperty(Error, Symbol.hasInstance, { value: () => true });
} else {
  return {} instanceof Error;
}
