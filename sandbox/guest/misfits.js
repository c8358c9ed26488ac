// Finds what JSON cannot hold in a value that the code returned, and where it is: what JSON.stringify
// refuses (a cycle, a BigInt), and what it leaves out or changes without a word (undefined, a function,
// NaN, a Map).
//
// Finding means to read the value once more as JSON.stringify reads it, and so to run user code again
// (getters, toJSON, proxies). It is done within the call's limits, when the call's console is closed
// and its output is made, which nothing can change any more; what is thrown ends it.
//
// Evaluates to a function that returns the finder.
(function misfits() {
  "use strict";

  const { getPrototypeOf, keys } = Object;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const { isFinite, isNaN } = Number;
  const { apply } = Reflect;
  const { getTime } = Date.prototype;
  const DateClass = Date;
  const plain = Object.prototype;
  // Written as what they wrap.
  const WRAPPERS = [Number.prototype, String.prototype, Boolean.prototype];

  // As the whole output, JSON.stringify makes nothing of them.
  const NOTHING = ["undefined", "function", "symbol"];

  const MOST_VALUES = 50_000;
  const DEEPEST = 64;
  const LONGEST_NAME = 100;
  const LARGE = 10n ** 20n; // one of a million digits would take longer to write than there is time

  function cut(name) {
    return typeof name === "string" ? name.slice(0, LONGEST_NAME).toWellFormed() : "";
  }

  function isInvalidDate(value) {
    return value instanceof DateClass && isNaN(apply(getTime, value, []));
  }

  // Returns what makes JSON.stringify throw or give nothing, or null, and at most so many of the
  // places where it loses something. Places that differ in indices alone are one, with a count.
  return function find(root, most) {
    const path = [];
    const holders = [];
    const lost = new Map();
    let refusal = null;
    let left = MOST_VALUES;

    function place() {
      return path.map((step) => (typeof step === "string" ? cut(step) : step));
    }

    function refuse(kind, name, back) {
      refusal = [place(), kind, cut(name), back, 1];
    }

    function lose(kind, name) {
      if (path.length === 0 && NOTHING.includes(kind)) {
        refuse(kind, name, 0);
        return;
      }
      const alike = [kind, name, ...path.map((step) => (typeof step === "string" ? step : 0))];
      const key = alike.join("\u0000");
      const known = lost.get(key);
      if (known !== undefined) known[4] += 1;
      else if (lost.size < most) lost.set(key, [place(), kind, cut(name), 0, 1]);
    }

    function visit(given, key) {
      left -= 1;
      let value = given;
      if (Object(value) === value || typeof value === "bigint") {
        if (isInvalidDate(value)) {
          lose("date", "");
          return;
        }
        const { toJSON } = value;
        if (typeof toJSON === "function") value = apply(toJSON, value, [key]);
      }
      switch (typeof value) {
        case "bigint":
          refuse("bigint", value > -LARGE && value < LARGE ? `${value}n` : "", 0);
          break;
        case "number":
          if (!isFinite(value)) lose("number", `${value}`);
          break;
        case "undefined":
        case "symbol":
          lose(typeof value, "");
          break;
        case "function":
          lose("function", value.name);
          break;
        case "object":
          if (value !== null) enter(value);
          break;
      }
    }

    function enter(value) {
      const at = holders.indexOf(value);
      if (at >= 0) {
        refuse("cycle", "", holders.length - at);
        return;
      }
      if (holders.length >= DEEPEST) return;
      if (isView(value)) {
        lose("bytes", value.constructor.name);
        return;
      }
      const isList = isArray(value);
      const names = isList ? value : keys(value);
      if (!isList && names.length === 0) {
        const kind = getPrototypeOf(value);
        if (kind !== plain && kind !== null && !WRAPPERS.includes(kind)) {
          lose("object", kind.constructor.name);
        }
        return;
      }
      holders.push(value);
      for (let i = 0; i < names.length && left > 0 && refusal === null; i++) {
        const step = isList ? i : names[i];
        path.push(step);
        visit(value[step], `${step}`);
        path.pop();
      }
      holders.pop();
    }

    try {
      visit(root, "");
    } catch {
      // User code threw, or the stack is full: what is found is found.
    }
    return { refusal, lost: [...lost.values()] };
  };
})
//# sourceURL=sandbox/misfits.js
