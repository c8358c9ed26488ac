// URLSearchParams: a list of pairs, which may belong to a URL and is then written into its query.
(function urlSearchParams(library) {
  "use strict";

  const { exposeClass, requireArguments, parseForm, showForm } = library;
  const { defineProperty, getPrototypeOf, getOwnPropertyDescriptor } = Object;
  const { ownKeys } = Reflect;

  const textOf = (value) => `${value}`.toWellFormed();

  function pairsOf(sequence) {
    const pairs = [];
    for (const item of sequence) {
      if ((typeof item !== "object" || item === null) && typeof item !== "function") {
        throw new TypeError("Each item of what URLSearchParams is given must be a pair.");
      }
      const pair = [...item];
      if (pair.length !== 2) {
        throw new TypeError("Each item of what URLSearchParams is given must have two members.");
      }
      pairs.push([textOf(pair[0]), textOf(pair[1])]);
    }
    return pairs;
  }

  function pairsOfRecord(record) {
    // Names that become equal when they are made well-formed are one name.
    const values = new Map();
    for (const key of ownKeys(record)) {
      if (getOwnPropertyDescriptor(record, key)?.enumerable) values.set(textOf(key), textOf(record[key]));
    }
    return [...values];
  }

  function read(init) {
    if ((typeof init === "object" && init !== null) || typeof init === "function") {
      const method = init[Symbol.iterator];
      if (method === undefined || method === null) return pairsOfRecord(init);
      return pairsOf(init);
    }
    const text = textOf(init);
    return parseForm(text[0] === "?" ? text.slice(1) : text);
  }

  // Not for users: a URL makes its own list, and is told of changes.
  let makeLinked;
  let replacePairs;
  let pairsOfParams;

  class URLSearchParams {
    #pairs;
    #changed = null;

    static {
      makeLinked = (pairs, changed) => {
        const params = new URLSearchParams();
        params.#pairs = pairs;
        params.#changed = changed;
        return params;
      };
      replacePairs = (params, pairs) => {
        params.#pairs = pairs;
      };
      pairsOfParams = (params) => params.#pairs;
    }

    constructor(init = "") {
      this.#pairs = read(init);
    }

    #tell() {
      if (this.#changed !== null) this.#changed(showForm(this.#pairs));
    }

    get size() {
      return this.#pairs.length;
    }

    append(name, value) {
      void this.#pairs;
      requireArguments(arguments, 2, "append");
      this.#pairs.push([textOf(name), textOf(value)]);
      this.#tell();
    }

    delete(name, value = undefined) {
      void this.#pairs;
      requireArguments(arguments, 1, "delete");
      const key = textOf(name);
      const only = value === undefined ? undefined : textOf(value);
      this.#pairs = this.#pairs.filter(
        (pair) => pair[0] !== key || (only !== undefined && pair[1] !== only),
      );
      this.#tell();
    }

    get(name) {
      void this.#pairs;
      requireArguments(arguments, 1, "get");
      const key = textOf(name);
      return this.#pairs.find((pair) => pair[0] === key)?.[1] ?? null;
    }

    getAll(name) {
      void this.#pairs;
      requireArguments(arguments, 1, "getAll");
      const key = textOf(name);
      return this.#pairs.filter((pair) => pair[0] === key).map((pair) => pair[1]);
    }

    has(name, value = undefined) {
      void this.#pairs;
      requireArguments(arguments, 1, "has");
      const key = textOf(name);
      const only = value === undefined ? undefined : textOf(value);
      return this.#pairs.some((pair) => pair[0] === key && (only === undefined || pair[1] === only));
    }

    set(name, value) {
      void this.#pairs;
      requireArguments(arguments, 2, "set");
      const key = textOf(name);
      const text = textOf(value);
      const at = this.#pairs.findIndex((pair) => pair[0] === key);
      if (at < 0) {
        this.#pairs.push([key, text]);
      } else {
        this.#pairs = this.#pairs.filter((pair, i) => i <= at || pair[0] !== key);
        this.#pairs[at] = [key, text];
      }
      this.#tell();
    }

    sort() {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#tell();
    }

    forEach(callback, thisArgument = undefined) {
      void this.#pairs;
      requireArguments(arguments, 1, "forEach");
      if (typeof callback !== "function") throw new TypeError("The callback of forEach is no function.");
      for (let i = 0; i < this.#pairs.length; i++) {
        const [name, value] = this.#pairs[i];
        Reflect.apply(callback, thisArgument, [value, name, this]);
      }
    }

    entries() {
      void this.#pairs;
      return new ParamsIterator(this, (pair) => [pair[0], pair[1]]);
    }

    keys() {
      void this.#pairs;
      return new ParamsIterator(this, (pair) => pair[0]);
    }

    values() {
      void this.#pairs;
      return new ParamsIterator(this, (pair) => pair[1]);
    }

    toString() {
      return showForm(this.#pairs);
    }
  }

  // Sees what is added while it is under way, as the standard wants it.
  class ParamsIterator {
    #params;
    #next = 0;
    #pick;

    constructor(params, pick) {
      this.#params = params;
      this.#pick = pick;
    }

    next() {
      const pairs = pairsOfParams(this.#params);
      if (this.#next >= pairs.length) return { value: undefined, done: true };
      return { value: this.#pick(pairs[this.#next++]), done: false };
    }
  }
  delete ParamsIterator.prototype.constructor;
  Object.setPrototypeOf(ParamsIterator.prototype, Iterator.prototype);
  defineProperty(ParamsIterator.prototype, "next", { enumerable: true });
  const tag = { value: "URLSearchParams Iterator", configurable: true };
  defineProperty(ParamsIterator.prototype, Symbol.toStringTag, tag);

  exposeClass(URLSearchParams);
  const { value } = getOwnPropertyDescriptor(URLSearchParams.prototype, "entries");
  const entries = { value, writable: true, configurable: true };
  defineProperty(URLSearchParams.prototype, Symbol.iterator, entries);

  Object.assign(library, { makeLinked, replacePairs });
})
