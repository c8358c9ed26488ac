// What the other files of this folder are written with: how a class or function is put into the realm
// with the attributes that Web IDL lays down, how arguments are read, and DOMException.
//
// Each file evaluates to a function of one object, `library`: it takes from it what files before it
// put there and adds its own. That object is not reachable for user code. No file keeps anything
// that changes: what a call needs, it makes (I9). Intrinsics are used freely, for lockdown.js freezes
// them before any user code runs; what users pass in may be a proxy, or lie about itself.
(function interfaces(library) {
  "use strict";

  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { apply, ownKeys } = Reflect;

  const ENUMERABLE = { enumerable: true };

  function makeEnumerable(holder, exceptions) {
    const names = ownKeys(holder);
    for (let i = 0; i < names.length; i++) {
      if (!exceptions.includes(names[i])) defineProperty(holder, names[i], ENUMERABLE);
    }
  }

  // Classes whose instances structuredClone refuses.
  const uncloneable = [];

  function exposeClass(kind) {
    makeEnumerable(kind, ["length", "name", "prototype"]);
    makeEnumerable(kind.prototype, ["constructor"]);
    const tag = { value: kind.name, configurable: true };
    defineProperty(kind.prototype, Symbol.toStringTag, tag);
    defineProperty(globalThis, kind.name, { value: kind, writable: true, configurable: true });
    uncloneable.push(kind);
  }

  // Functions come as methods of an object: those have no `prototype`, like native ones.
  function exposeFunctions(functions) {
    for (const name of ownKeys(functions)) {
      const value = functions[name];
      defineProperty(globalThis, name, { value, writable: true, configurable: true });
    }
  }

  function requireArguments(given, needed, what) {
    if (given.length < needed) {
      const count = `${needed} argument${needed === 1 ? "" : "s"}`;
      throw new TypeError(`${what} needs ${count}, but was given ${given.length}.`);
    }
  }

  // Web IDL's conversion to a dictionary.
  function optionsOf(value, what) {
    if (value === undefined || value === null) return {};
    if (typeof value !== "object" && typeof value !== "function") {
      throw new TypeError(`The options of ${what} are no object.`);
    }
    return value;
  }

  // ---- bytes that users pass in ----------------------------------------------------------------
  // A subclass may override `buffer` or `length`, so that the getters of the intrinsics are asked.

  const getter = (holder, key) => getOwnPropertyDescriptor(holder, key).get;
  const TypedArray = Object.getPrototypeOf(Int8Array.prototype);
  const kindOfView = getter(TypedArray, Symbol.toStringTag);
  const partsOfView = (holder) => ({
    buffer: getter(holder, "buffer"),
    byteOffset: getter(holder, "byteOffset"),
    byteLength: getter(holder, "byteLength"),
  });
  const ofTyped = partsOfView(TypedArray);
  const ofDataView = partsOfView(DataView.prototype);
  const lengthOfBuffer = getter(ArrayBuffer.prototype, "byteLength");
  const { isView } = ArrayBuffer;

  // Gives the name of a typed array's class; undefined for anything else.
  function typedArrayName(value) {
    return apply(kindOfView, value, []);
  }

  function isBuffer(value) {
    try {
      apply(lengthOfBuffer, value, []);
      return true;
    } catch {
      return false;
    }
  }

  // Gives the bytes of a buffer or a view, not copied; null for anything else.
  function bytesOf(value) {
    if (typeof value !== "object" || value === null) return null;
    if (!isView(value)) return isBuffer(value) ? new Uint8Array(value) : null;
    const parts = typedArrayName(value) === undefined ? ofDataView : ofTyped;
    return new Uint8Array(
      apply(parts.buffer, value, []),
      apply(parts.byteOffset, value, []),
      apply(parts.byteLength, value, []),
    );
  }

  // ---- DOMException ----------------------------------------------------------------------------

  // In the order of their codes, from 1; those that were given up have no name.
  const CODED = [
    "IndexSizeError", "", "HierarchyRequestError", "WrongDocumentError", "InvalidCharacterError", "",
    "NoModificationAllowedError", "NotFoundError", "NotSupportedError", "InUseAttributeError",
    "InvalidStateError", "SyntaxError", "InvalidModificationError", "NamespaceError",
    "InvalidAccessError", "", "TypeMismatchError", "SecurityError", "NetworkError", "AbortError",
    "URLMismatchError", "QuotaExceededError", "TimeoutError", "InvalidNodeTypeError",
    "DataCloneError",
  ];

  class DOMException extends Error {
    #name;

    constructor(message = "", name = "Error") {
      super(`${message}`);
      this.#name = `${name}`;
    }

    get name() {
      return this.#name;
    }

    get code() {
      return this.#name === "" ? 0 : CODED.indexOf(this.#name) + 1;
    }
  }
  exposeClass(DOMException);
  uncloneable.pop();

  Object.assign(library, {
    uncloneable,
    exposeClass,
    exposeFunctions,
    requireArguments,
    optionsOf,
    typedArrayName,
    isBuffer,
    bytesOf,
    DOMException,
  });
})
