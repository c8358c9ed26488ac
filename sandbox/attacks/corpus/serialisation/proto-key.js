// Returns a key that would be the prototype of whoever reads it carelessly.
// expect: returned {"__proto__":{"left":1},"constructor":{"prototype":{"left":1}}}
// payload: {"__proto__": {"left": 1}, "constructor": {"prototype": {"left": 1}}}
return payload;
