// Returns what has no form in JSON but is an object.
// expect: returned [{},{},{},{},{},{},{"0":1}]
return [new Map([[1, 2]]), new Set([1]), /a/, new Error("x"), new WeakMap(), Promise.resolve(), new Uint8Array([1])];
