// Returns the global object.
// expect: returned {}
return globalThis;
