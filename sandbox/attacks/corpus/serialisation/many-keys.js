// Returns an object with a great many keys.
// expect: returned 100000
const o = {};
for (let i = 0; i < 1e5; i++) o[`k${i}`] = i;
return Object.keys(JSON.parse(JSON.stringify(o))).length;
