// Returns an object that looks like raw JSON.
// expect: returned {"rawJSON":"1\u001e2"}
return Object.freeze(Object.assign(Object.create(null), { rawJSON: "1\u001e2" }));
