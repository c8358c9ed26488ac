// Takes away what code could leave traces in or measure with, and freezes the rest, so that event n
// cannot tell whether events 1…n−1 ran before it (the group `residue` of sandbox/attacks).
//
// Evaluates to a function; run once in each isolate, after prelude.js and stdlib/, before any user code.
(function lockdown() {
  "use strict";

  const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, hasOwn } = Object;
  const { ownKeys } = Reflect;

  // Shared memory and its clocks, what watches the garbage collector, the real time (Temporal.Now),
  // and what the embedding installs.
  const REMOVED = [
    "WebAssembly", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "Temporal",
    "setTimeout", "clearTimeout", "__timer_manager", "gc",
  ];
  for (const name of REMOVED) {
    // The embedding's own are declared with var and cannot be deleted: those become undefined.
    if (name in globalThis && !Reflect.deleteProperty(globalThis, name)) {
      globalThis[name] = undefined;
    }
  }
  // A class declaration of the embedding: a binding of the global scope that no one can delete or
  // freeze. The wrapper of user code shadows the name as well, else a program could assign to it.
  if (typeof __TimerManager !== "undefined") __TimerManager = undefined;

  // RegExp.$1, RegExp.lastMatch and so on remember the last match of *any* code in the realm.
  const REGEXP_KEPT = ["length", "name", "prototype", "escape", Symbol.species];
  for (const key of ownKeys(RegExp)) {
    if (!REGEXP_KEPT.includes(key)) delete RegExp[key];
  }
  delete RegExp.prototype.compile;
  delete Date.prototype.toTemporalInstant;

  // ---- the override mistake --------------------------------------------------------------------
  // Once Object.prototype is frozen, `order.toString = …` on a fresh object throws, since an
  // inherited read-only property cannot be shadowed by assignment. Where programs do assign, an
  // accessor gives the assigning object a property of its own instead.

  // What the accessors give out: no descriptor leads to it any more.
  const shadowed = [];

  function letShadow(holder, key) {
    const descriptor = getOwnPropertyDescriptor(holder, key);
    if (descriptor === undefined || !hasOwn(descriptor, "value")) return;
    const { value } = descriptor;
    shadowed.push(value);
    const { get, set } = {
      get() {
        return value;
      },
      set(given) {
        if (this === holder || Object(this) !== this) {
          throw new TypeError(`Cannot assign to read only property '${String(key)}'`);
        }
        if (hasOwn(this, key)) {
          this[key] = given;
        } else {
          const own = { value: given, writable: true, enumerable: true, configurable: true };
          defineProperty(this, key, own);
        }
      },
    };
    defineProperty(holder, key, { get, set, enumerable: descriptor.enumerable });
  }

  const errors = [
    Error, AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError,
    SuppressedError,
  ];
  const SHADOWED = [
    [Object.prototype, ownKeys(Object.prototype).filter((key) => key !== "__proto__")],
    [Function.prototype, ["apply", "bind", "call", "constructor", "toString"]],
    [Array.prototype, ["toString", "toLocaleString", "join"]],
    [Date.prototype, ["constructor", "toString", "toJSON", "valueOf"]],
    ...[String, Number, Boolean].map(({ prototype }) => [prototype, ["toString", "valueOf"]]),
    ...errors.map((error) => [error.prototype, ["constructor", "message", "name", "toString"]]),
  ];
  for (const [holder, names] of SHADOWED) {
    for (const key of names) letShadow(holder, key);
  }

  // ---- freeze all that can be reached ----------------------------------------------------------

  function* generator() {}
  async function asynchronous() {}
  async function* asyncGenerator() {}
  const thrower = getOwnPropertyDescriptor(
    (function () {
      return arguments;
    })(),
    "callee",
  ).get;
  const stack = getOwnPropertyDescriptor(new Error(), "stack");
  const segments = new Intl.Segmenter().segment("a");

  const queue = [
    globalThis,
    // No property of the global object leads to these.
    getPrototypeOf(generator),
    getPrototypeOf(asynchronous),
    getPrototypeOf(asyncGenerator),
    getPrototypeOf(generator()),
    getPrototypeOf(asyncGenerator()),
    getPrototypeOf([].values()),
    getPrototypeOf(new Map().entries()),
    getPrototypeOf(new Set().entries()),
    getPrototypeOf(""[Symbol.iterator]()),
    getPrototypeOf("".matchAll(/a/g)),
    getPrototypeOf([].values().map((value) => value)),
    getPrototypeOf(Iterator.from({ next() {} })),
    getPrototypeOf(segments),
    getPrototypeOf(segments[Symbol.iterator]()),
    getPrototypeOf(Int8Array),
    getPrototypeOf(new URLSearchParams().entries()),
    thrower,
    // Every error has them as an accessor of its own, and all errors have the same two.
    stack.get,
    stack.set,
  ];
  const seen = new Set(queue);

  function visit(value) {
    if ((typeof value === "object" && value !== null) || typeof value === "function") {
      if (!seen.has(value)) {
        seen.add(value);
        queue.push(value);
      }
    }
  }

  // Plain loops: this is most of what an isolate costs, and without a compiler iterators are slow.
  for (let i = 0; i < shadowed.length; i++) visit(shadowed[i]);
  for (let i = 0; i < queue.length; i++) {
    const object = queue[i];
    visit(getPrototypeOf(object));
    const isFunction = typeof object === "function";
    const keys = ownKeys(object);
    for (let at = 0; at < keys.length; at++) {
      // Half of all properties: a function's, which lead nowhere.
      if (isFunction && (keys[at] === "length" || keys[at] === "name")) continue;
      const descriptor = getOwnPropertyDescriptor(object, keys[at]);
      const { value } = descriptor;
      if (typeof value === "function" || typeof value === "object") {
        visit(value);
      } else if (value === undefined) {
        visit(descriptor.get);
        visit(descriptor.set);
      }
    }
  }
  for (let i = 0; i < queue.length; i++) freeze(queue[i]);
})
//# sourceURL=sandbox/lockdown.js
