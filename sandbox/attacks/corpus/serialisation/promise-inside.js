// Returns a promise inside of its output.
// expect: returned {"a":{}}
return { a: Promise.resolve(1) };
