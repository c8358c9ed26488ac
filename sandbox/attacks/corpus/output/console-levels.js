// Calls the console with a level of its own.
// expect: returned 1
console.log.call({ level: "forged" }, 1);
console.error.apply(null, new Proxy([1], {}));
return 1;
