// Looks for functions of the sandbox with a prototype of their own, which could be replaced.
// expect: returned []
const open = [];
for (const f of [Date, Date.now, Math.random, console.log, Error.prepareStackTrace]) {
  const own = Object.getOwnPropertyDescriptor(f, "prototype");
  if (own !== undefined && !Object.isFrozen(own.value)) open.push(f.name);
}
return open;
