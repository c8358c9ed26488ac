// Returns a proxy that makes its keys up.
// expect: returned {"a":"a","b":"b"}
return new Proxy({}, {
  ownKeys: () => ["a", "b"],
  getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  get: (_, key) => (key === "a" || key === "b" ? key : undefined),
});
