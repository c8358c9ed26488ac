// Merges a payload with the key of the prototype into an object, key by key.
// expect: returned [null,null]
// payload: {"__proto__": {"left": 1}}
const merged = {};
for (const key of Object.keys(payload)) merged[key] = payload[key];
return [{}.left ?? null, Object.prototype.left ?? null];
