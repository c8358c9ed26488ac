// Makes an array out of an object that says it is endless.
// expect: timed_out
// limits: timeout_ms=100
return Array.prototype.reduce.call({ length: 2 ** 53 - 1 }, (a) => a, 0);
