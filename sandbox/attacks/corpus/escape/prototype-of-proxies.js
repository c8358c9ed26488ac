// Makes a chain of proxies that calls back at every look.
// expect: returned {}
let seen = 0;
const spy = new Proxy({}, new Proxy({}, { get: () => { seen += 1; return undefined } }));
return Object.setPrototypeOf({}, spy) && {};
