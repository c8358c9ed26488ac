// Looks for the handler of the headers, which all events share.
// expect: no residue
if (payload.first) {
  Object.defineProperty(headers, "left", { get() { return this } });
  const raw = headers.left;
  raw.__proto__ = { left: 1 };
  headers.get = headers.has = () => "left";
} else {
  return [headers["x-one"], headers.left ?? null, "get" in headers];
}
