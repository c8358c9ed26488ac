// Walks the realm for an object that is not frozen and that another event would find as well.
// expect: returned []
const seen = new Set();
const open = [];
const queue = [];
const add = (value, path) => Object(value) === value && queue.push([value, path]);
const made = {
  generator: function* () {}, asyncFunction: async () => 1, asyncGenerator: async function* () {},
  arrayIterator: [].values(), mapIterator: new Map().keys(), setIterator: new Set().keys(),
  matches: "".matchAll(/a/g), letters: ""[Symbol.iterator](), from: Iterator.from({ next() {} }),
  helper: [].values().map((x) => x), typed: Int8Array, error: new Error(), date: new Date(),
  segments: new Intl.Segmenter().segment(""), promise: Promise.resolve(), arguments,
};
made.segmentsIterator = made.segments[Symbol.iterator]();
add(globalThis, "globalThis");
for (const name in made) {
  seen.add(made[name]);
  if (typeof made[name] === "function" && name !== "typed") seen.add(made[name].prototype);
  add(Object.getPrototypeOf(made[name]), name);
  for (const key of Reflect.ownKeys(made[name])) {
    const { get, set } = Object.getOwnPropertyDescriptor(made[name], key);
    add(get, `${name}.get ${String(key)}`);
    add(set, `${name}.set ${String(key)}`);
  }
}
while (queue.length > 0) {
  const [object, path] = queue.pop();
  if (seen.has(object)) continue;
  seen.add(object);
  if (!Object.isFrozen(object)) open.push(path);
  add(Object.getPrototypeOf(object), `${path}.__proto__`);
  for (const key of Reflect.ownKeys(object)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    add(descriptor.value, `${path}.${String(key)}`);
    add(descriptor.get, `${path}.get ${String(key)}`);
    add(descriptor.set, `${path}.set ${String(key)}`);
    // What an accessor gives out is shared as well, where it needs no object of ours.
    try { add(descriptor.get.call(object), `${path}.${String(key)}`) } catch {}
  }
}
if (seen.size < 600) open.push("and much was not found");
return open;
