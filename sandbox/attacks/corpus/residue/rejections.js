// Leaves rejections that nobody handles.
// expect: no residue
if (payload.first) {
  for (let i = 0; i < 9; i++) Promise.reject(new Error("left"));
  (async () => { null.x })();
} else {
  return Promise.resolve("mine");
}
