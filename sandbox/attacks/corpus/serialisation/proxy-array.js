// Returns a proxy of an array that changes its length.
// expect: returned [0,1]
return new Proxy([], { get: (_, key) => (key === "length" ? 2 : key === "toJSON" ? undefined : +key) });
