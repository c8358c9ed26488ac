// Takes the fingerprint of the realm: every property of every intrinsic, and what depends on the event.
// A function body, put before the text of a program that may have changed something.
const numbers = new Map();
const queue = [];
let hash = 2166136261;

function note(text) {
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619) >>> 0;
}

function number(value) {
  if (Object(value) !== value) return `${typeof value} ${String(value)}`;
  if (!numbers.has(value)) {
    numbers.set(value, numbers.size);
    queue.push(value);
  }
  return `#${numbers.get(value)}`;
}

const error = new Error("x");
for (const root of [
  globalThis, (function* () {}).__proto__, (async () => 1).__proto__,
  (async function* () {}).__proto__, [].values().__proto__, new Map().keys().__proto__,
  new Set().keys().__proto__, "".matchAll(/a/g).__proto__, ""[Symbol.iterator]().__proto__,
  Iterator.from({ next() {} }).__proto__, [].values().map((x) => x).__proto__,
  new Intl.Segmenter().segment("").__proto__,
  new Intl.Segmenter().segment("")[Symbol.iterator]().__proto__,
  Object.getOwnPropertyDescriptor(error, "stack").get,
  Object.getOwnPropertyDescriptor(error, "stack").set,
]) number(root);

for (let i = 0; i < queue.length; i++) {
  const object = queue[i];
  note(`${i} ${number(Object.getPrototypeOf(object))} ${Object.isFrozen(object)}`);
  for (const key of Reflect.ownKeys(object)) {
    const own = Object.getOwnPropertyDescriptor(object, key);
    const kind = `${own.writable} ${own.enumerable} ${own.configurable}`;
    note(`${String(key)} ${kind} ${number(own.value)} ${number(own.get)} ${number(own.set)}`);
    // What an accessor gives out is shared as well; most want an object that is no prototype.
    try { note(number(Reflect.apply(own.get, object, []))) } catch {}
  }
}

const letters = /a/g;
const strings = ((parts) => parts)`a${1}b`;
console.log({ a: [1, new Map([[1, 2]])] }, error);
return {
  objects: queue.length, hash, chance: [Math.random(), Math.random()],
  time: [Date.now(), new Date(), Date(), new Date(0).toLocaleString()],
  stack: typeof error.stack, regexp: [letters.exec("ba").index, letters.lastIndex],
  template: [Object.isFrozen(strings), Reflect.ownKeys(strings).join()],
  headers: [headers["x-one"], Object.keys(headers)], context,
  language: [`${{}}`, [...[1, 2]], [3, 1].sort(), JSON.parse("[1]"), "a-b".split("-"), 1n + 1n + ""],
  numbers: [(1.5).toLocaleString(), [0.1, 2].toLocaleString(), "ä".localeCompare("z")],
};
