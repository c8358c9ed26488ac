// Removes the keys that come next while its output is read.
// expect: returned {"a":1}
return { get a() { delete this.b; return 1 }, b: 2 };
