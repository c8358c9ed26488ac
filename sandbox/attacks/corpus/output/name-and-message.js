// Throws an error whose name throws.
// expect: threw Something was thrown that cannot be shown.
throw Object.defineProperty(new Error("x"), "name", { get() { throw 1 } });
