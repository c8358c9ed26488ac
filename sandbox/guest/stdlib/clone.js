// structuredClone, as the HTML Standard has it. A proxy looks like what it stands for, so that it is
// cloned as a plain object where others refuse it.
(function clone(library) {
  "use strict";

  const { exposeFunctions, requireArguments, optionsOf, uncloneable } = library;
  const { typedArrayName, isBuffer, bytesOf, DOMException } = library;

  const { getPrototypeOf, getOwnPropertyDescriptor, defineProperty, hasOwn, keys } = Object;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const { apply, ownKeys } = Reflect;
  const getter = (holder, key) => getOwnPropertyDescriptor(holder, key).get;

  function refuse(value) {
    let shown = "An object";
    if (typeof value === "function") shown = "A function";
    else if (typeof value === "symbol") shown = "A symbol";
    throw new DOMException(`${shown} cannot be cloned.`, "DataCloneError");
  }

  // Gives what `read` gives, or undefined if it throws: the object is of another kind than its
  // prototype says (Object.create(Map.prototype)).
  function attempt(read, value) {
    try {
      return apply(read, value, []);
    } catch {
      return undefined;
    }
  }

  // ---- one kind each: a copy without its contents, or undefined if it is not of that kind ----------

  const mapSize = getter(Map.prototype, "size");
  const setSize = getter(Set.prototype, "size");
  const { getTime } = Date.prototype;
  const sourceOf = getter(RegExp.prototype, "source");
  const FLAGS = ["hasIndices", "global", "ignoreCase", "multiline", "dotAll", "unicode", "unicodeSets", "sticky"];
  const LETTERS = "dgimsuvy";
  const flagGetters = FLAGS.map((name) => getter(RegExp.prototype, name));
  const resizable = getter(ArrayBuffer.prototype, "resizable");
  const maxByteLength = getter(ArrayBuffer.prototype, "maxByteLength");
  const { slice, transfer } = ArrayBuffer.prototype;
  const detached = getter(ArrayBuffer.prototype, "detached");
  const bufferOfTyped = getter(getPrototypeOf(Int8Array.prototype), "buffer");
  const bufferOfDataView = getter(DataView.prototype, "buffer");

  const boxed = (kind) => (value) => {
    const primitive = attempt(kind.prototype.valueOf, value);
    return primitive === undefined ? undefined : Object(primitive);
  };

  function copyBuffer(buffer) {
    if (apply(detached, buffer, [])) refuse(buffer);
    if (!apply(resizable, buffer, [])) return apply(slice, buffer, [0]);
    const bytes = new Uint8Array(buffer);
    const options = { maxByteLength: apply(maxByteLength, buffer, []) };
    const copy = new ArrayBuffer(bytes.length, options);
    new Uint8Array(copy).set(bytes);
    return copy;
  }

  function copyView(value, seen) {
    const name = typedArrayName(value);
    const buffer = apply(name === undefined ? bufferOfDataView : bufferOfTyped, value, []);
    const copy = copyOf(buffer, seen);
    const bytes = bytesOf(value);
    if (name === undefined) return new DataView(copy, bytes.byteOffset, bytes.length);
    const kind = globalThis[name];
    return new kind(copy, bytes.byteOffset, bytes.length / kind.BYTES_PER_ELEMENT);
  }

  function copyRegExp(value) {
    const source = attempt(sourceOf, value);
    if (source === undefined || value === RegExp.prototype) return undefined;
    let flags = "";
    for (let i = 0; i < flagGetters.length; i++) {
      if (apply(flagGetters[i], value, [])) flags += LETTERS[i];
    }
    return new RegExp(source, flags);
  }

  const ERRORS = new Map(
    [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((kind) => [
      kind.name,
      kind,
    ]),
  );

  function copyError(value, seen) {
    if (!Error.isError(value)) return undefined;
    const { name } = value;
    const message = getOwnPropertyDescriptor(value, "message");
    const kind = ERRORS.get(name === undefined ? "Error" : `${name}`) ?? Error;
    const copy = new kind();
    seen.set(value, copy);
    const hidden = (found) => ({ value: found, writable: true, configurable: true });
    if (message !== undefined && hasOwn(message, "value")) {
      defineProperty(copy, "message", hidden(`${message.value}`));
    }
    const { stack } = value;
    if (typeof stack === "string") defineProperty(copy, "stack", hidden(stack));
    if (hasOwn(value, "cause")) defineProperty(copy, "cause", hidden(copyOf(value.cause, seen)));
    return copy;
  }

  const refused = (value) => refuse(value);

  // What these prototypes stand for has no contents that could be copied.
  const CONTENTLESS = [
    Symbol, WeakMap, WeakSet, Promise, Function, Iterator, DisposableStack, AsyncDisposableStack,
    ...ownKeys(Intl).map((name) => Intl[name]),
    ...uncloneable,
  ]
    .filter((kind) => typeof kind === "function" && kind.prototype !== undefined)
    .map((kind) => kind.prototype);
  async function* asyncGenerator() {}
  CONTENTLESS.push(getPrototypeOf(getPrototypeOf(asyncGenerator.prototype)));

  // The first prototype of an object that is listed here says what it is, which no property can
  // forge; each copier makes sure.
  const COPIERS = new Map([
    [Object.prototype, () => undefined],
    [Array.prototype, () => undefined],
    [Map.prototype, (value) => (attempt(mapSize, value) === undefined ? undefined : new Map())],
    [Set.prototype, (value) => (attempt(setSize, value) === undefined ? undefined : new Set())],
    [
      Date.prototype,
      (value) => {
        const time = attempt(getTime, value);
        return time === undefined ? undefined : new Date(time);
      },
    ],
    [RegExp.prototype, copyRegExp],
    [Error.prototype, copyError],
    [ArrayBuffer.prototype, (value) => (isBuffer(value) ? copyBuffer(value) : undefined)],
    ...[Boolean, Number, String, BigInt].map((kind) => [kind.prototype, boxed(kind)]),
    ...CONTENTLESS.map((holder) => [holder, refused]),
  ]);

  function copierOf(value) {
    for (let from = getPrototypeOf(value); from !== null; from = getPrototypeOf(from)) {
      const copier = COPIERS.get(from);
      if (copier !== undefined) return copier;
    }
    return undefined;
  }

  // ---- the walk --------------------------------------------------------------------------------

  function copyProperties(from, to, seen) {
    const names = keys(from);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      // A getter may have deleted it meanwhile.
      if (!hasOwn(from, name)) continue;
      const value = copyOf(from[name], seen);
      if (name === "__proto__") {
        defineProperty(to, name, { value, writable: true, enumerable: true, configurable: true });
      } else {
        to[name] = value;
      }
    }
    return to;
  }

  const { forEach: eachOfMap } = Map.prototype;
  const { forEach: eachOfSet } = Set.prototype;

  function copyOf(value, seen) {
    if (typeof value !== "object" || value === null) {
      if (typeof value === "symbol" || typeof value === "function") refuse(value);
      return value;
    }
    const known = seen.get(value);
    if (known !== undefined) return known;
    if (isArray(value)) {
      const copy = [];
      copy.length = value.length;
      seen.set(value, copy);
      return copyProperties(value, copy, seen);
    }
    let copy = isView(value) ? copyView(value, seen) : copierOf(value)?.(value, seen);
    if (copy === undefined) {
      copy = {};
      seen.set(value, copy);
      return copyProperties(value, copy, seen);
    }
    seen.set(value, copy);
    if (copy instanceof Map) {
      // All are listed before any is copied, for copying runs getters.
      const entries = [];
      apply(eachOfMap, value, [(item, key) => entries.push(key, item)]);
      for (let i = 0; i < entries.length; i += 2) {
        copy.set(copyOf(entries[i], seen), copyOf(entries[i + 1], seen));
      }
    } else if (copy instanceof Set) {
      const items = [];
      apply(eachOfSet, value, [(item) => items.push(item)]);
      for (let i = 0; i < items.length; i++) copy.add(copyOf(items[i], seen));
    }
    return copy;
  }

  exposeFunctions({
    structuredClone(value, options = undefined) {
      requireArguments(arguments, 1, "structuredClone");
      const { transfer: list } = optionsOf(options, "structuredClone");
      const moved = list === undefined ? [] : [...list];
      const seen = new Map();
      for (const buffer of moved) {
        if (typeof buffer !== "object" || buffer === null) {
          throw new TypeError("What is to be transferred is no object.");
        }
        if (!isBuffer(buffer) || seen.has(buffer)) refuse(buffer);
        seen.set(buffer, copyBuffer(buffer));
      }
      const copy = copyOf(value, seen);
      for (const buffer of moved) apply(transfer, buffer, []);
      return copy;
    },
  });
})
