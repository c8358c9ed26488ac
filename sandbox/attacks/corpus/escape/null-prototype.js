// Takes the prototype from what the driver will look at.
// expect: returned {"a":1}
return Object.assign(Object.create(null), { a: 1 });
