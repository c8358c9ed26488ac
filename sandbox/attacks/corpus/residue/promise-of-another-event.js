// Resolves a promise of its own after the event is over.
// expect: no residue
if (payload.first) {
  const later = [];
  return { then(resolve) { later.push(resolve); Promise.resolve().then(() => later[0]("left")) } };
}
return Promise.resolve("mine");
