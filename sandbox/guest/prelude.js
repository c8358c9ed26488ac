// What user code finds in the realm beside the language: a Date and a Math.random that depend on the
// call alone, a console that is captured, headers whose names match in any case.
//
// Evaluates to a function that installs them and returns the controls that driver.js steers them
// with. lockdown.js runs afterwards and freezes whatever is reachable from the global object.
(function prelude() {
  "use strict";

  const { defineProperty, keys, getOwnPropertyDescriptor } = Object;
  const { construct } = Reflect;
  const { parse, stringify } = JSON;

  // ---- time: the call's, never the machine's -------------------------------------------------

  const MachineDate = Date;
  const machineNow = Date.now;

  // The call's own context, read only when its time or its seed is asked for: few programs do.
  let contextText = "{}";
  let facts = null;
  let now = null;

  function fact(name) {
    facts ??= parse(contextText);
    return facts[name];
  }

  function callNow() {
    now ??= MachineDate.parse(fact("accepted_at"));
    return now;
  }

  class CallDate {
    // Only a template for the descriptors below: its methods are no constructors, like native ones.
    static now() {
      return callNow();
    }
  }

  function FixedDate(...parts) {
    if (new.target === undefined) return new MachineDate(callNow()).toString();
    const target = new.target === FixedDate ? MachineDate : new.target;
    return construct(MachineDate, parts.length === 0 ? [callNow()] : parts, target);
  }
  defineProperty(FixedDate, "name", { value: "Date", configurable: true });
  defineProperty(FixedDate, "length", { value: 7, configurable: true });
  defineProperty(FixedDate, "prototype", { value: MachineDate.prototype, writable: false });
  for (const name of ["parse", "UTC"]) {
    defineProperty(FixedDate, name, getOwnPropertyDescriptor(MachineDate, name));
  }
  defineProperty(FixedDate, "now", getOwnPropertyDescriptor(CallDate, "now"));
  MachineDate.prototype.constructor = FixedDate;
  globalThis.Date = FixedDate;

  // Intl formats "now" when it is given no date, so it is always given one.
  const formats = Intl.DateTimeFormat.prototype;
  const boundFormat = getOwnPropertyDescriptor(formats, "format").get;
  const formatToParts = formats.formatToParts;
  const { apply } = Reflect;
  defineProperty(formats, "format", {
    get() {
      const format = apply(boundFormat, this, []);
      return (date) => format(date === undefined ? callNow() : date);
    },
    configurable: true,
  });
  formats.formatToParts = {
    formatToParts(date) {
      return apply(formatToParts, this, [date === undefined ? callNow() : date]);
    },
  }.formatToParts;

  // ---- chance: seeded by the event (xmur3 into sfc32, both in the public domain) -----------------

  const { imul } = Math;
  const { charCodeAt } = String.prototype;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;

  function seed(text) {
    let hash = 1779033703 ^ text.length;
    for (let i = 0; i < text.length; i++) {
      hash = imul(hash ^ apply(charCodeAt, text, [i]), 3432918353);
      hash = (hash << 13) | (hash >>> 19);
    }
    const next = () => {
      hash = imul(hash ^ (hash >>> 16), 2246822507);
      hash = imul(hash ^ (hash >>> 13), 3266489909);
      return (hash ^= hash >>> 16) >>> 0;
    };
    a = next();
    b = next();
    c = next();
    d = next();
  }

  let seeded = false;

  Math.random = {
    random() {
      if (!seeded) {
        seed(`${fact("event_id")}`);
        seeded = true;
      }
      const t = (((a + b) | 0) + d) | 0;
      d = (d + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (c << 21) | (c >>> 11);
      c = (c + t) | 0;
      return (t >>> 0) / 4294967296;
    },
  }.random;

  // ---- JSON.rawJSON: half a surrogate pair in it would be no text for the host -------------------

  const { rawJSON } = JSON;
  JSON.rawJSON = {
    rawJSON(text) {
      return rawJSON(`${text}`.toWellFormed());
    },
  }.rawJSON;

  // ---- errors: where in the user's own code ----------------------------------------------------

  const USER_SCRIPT = "transform.js";
  const positions = new WeakMap();

  // V8's own look at a call site. User code can call prepareStackTrace as well, with sites it made up
  // and an object that other events see: this refuses all that V8 did not make.
  Error.prepareStackTrace = (_, sites) => Object.getPrototypeOf(sites[0]).getScriptNameOrSourceURL;
  const scriptOf = new Error().stack;

  // V8 calls this the first time somebody reads an error's `stack`. User code cannot replace it
  // (Error is frozen), and frames of the driver are nobody's business.
  Error.prepareStackTrace = {
    prepareStackTrace(error, sites) {
      let head = "Error";
      try {
        head = `${error}`;
      } catch {
        // A hostile toString: the frames are still worth having.
      }
      let text = head;
      let placed = false;
      for (let i = 0; i < sites.length; i++) {
        const site = sites[i];
        if (apply(scriptOf, site, []) !== USER_SCRIPT) continue;
        const line = site.getLineNumber() - 1;
        const column = site.getColumnNumber();
        if (!placed) {
          positions.set(error, { line, column });
          placed = true;
        }
        const name = site.getFunctionName();
        const place = `${USER_SCRIPT}:${line}:${column}`;
        text += name ? `\n    at ${name} (${place})` : `\n    at ${place}`;
      }
      return text;
    },
  }.prepareStackTrace;
  Error.stackTraceLimit = 10;

  const LONGEST_MESSAGE = 2000;
  const nativeErrorToString = Error.prototype.toString;

  // Says what was thrown. Runs user code (getters, toString), so the driver calls it inside a run.
  function describe(thrown) {
    let message;
    let position = null;
    try {
      if (typeof thrown === "object" && thrown !== null) {
        void thrown.stack;
        if (positions.has(thrown)) position = positions.get(thrown);
        if (thrown instanceof Error) message = apply(nativeErrorToString, thrown, []);
        else message = show(thrown);
      } else {
        message = typeof thrown === "string" ? thrown : String(thrown);
      }
    } catch {
      message = "Something was thrown that cannot be shown.";
    }
    return { message: message.slice(0, LONGEST_MESSAGE).toWellFormed(), position };
  }

  // ---- console ---------------------------------------------------------------------------------

  // The page that the running call writes on. What still runs when its call has ended (a promise
  // that nobody awaited) writes on none.
  const NOBODY = { lines: null, bytes: 0, most: 0, left: 0, over: true };
  let page = NOBODY;

  // Functions in user code's hands must have no `prototype` of their own, hence method shorthand.
  const showable = {
    replace(seen) {
      return function (key, value) {
        if (typeof value === "bigint") return `${value}n`;
        if (typeof value === "function") return `[Function: ${value.name || "anonymous"}]`;
        if (typeof value === "symbol") return String(value);
        if (typeof value !== "object" || value === null) return value;
        while (seen.length > 0 && seen[seen.length - 1] !== this) seen.pop();
        if (seen.includes(value)) return "[Circular]";
        let shown = value;
        if (value instanceof Error) shown = apply(nativeErrorToString, value, []);
        else if (value instanceof Map) shown = { "[Map]": [...value] };
        else if (value instanceof Set) shown = { "[Set]": [...value] };
        if (typeof shown === "object") seen.push(shown);
        return shown;
      };
    },
  };

  function show(value) {
    if (typeof value === "string") return value;
    if (typeof value !== "object" || value === null) {
      if (typeof value === "function") return `[Function: ${value.name || "anonymous"}]`;
      return typeof value === "bigint" ? `${value}n` : String(value);
    }
    if (value instanceof Error) return apply(nativeErrorToString, value, []);
    return stringify(value, showable.replace([])) ?? "undefined";
  }

  const ASCII = /^[\x00-\x7f]*$/;

  // UTF-8 length of a text, without making the bytes.
  function bytesOf(text) {
    if (ASCII.test(text)) return text.length;
    let bytes = text.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7ff) bytes += unit >= 0xd800 && unit <= 0xdfff ? 1 : 2;
      else if (unit > 0x7f) bytes += 1;
    }
    return bytes;
  }

  function write(level, values) {
    const here = page;
    if (here.over) return;
    let text = "";
    for (let i = 0; i < values.length; i++) {
      let word;
      try {
        word = show(values[i]);
      } catch {
        word = "[cannot be shown]";
      }
      text += i === 0 ? word : ` ${word}`;
      if (text.length > here.left) break;
    }
    // Showing a value runs its toJSON, which may have filled the page meanwhile.
    if (here.over) return;
    // Cut by units first: a text longer than what is left in units is longer in bytes too.
    text = text.slice(0, here.left + 1).toWellFormed();
    let bytes = bytesOf(text);
    here.lines ??= [];
    const full = here.lines.length >= here.most;
    if (full || here.left <= 0 || bytes > here.left) {
      if (!full && here.left > 0) {
        while (bytes > here.left) {
          text = text.slice(0, (text.length * here.left) / (bytes + 1)).toWellFormed();
          bytes = bytesOf(text);
        }
        if (text !== "") here.lines.push([level, text]);
      }
      const kept = full ? `${here.most} lines` : `${here.bytes} bytes`;
      here.lines.push(["warn", `… ${kept} are kept; the rest was dropped`]);
      here.over = true;
      return;
    }
    // An empty line costs something as well, or a loop could write them for ever.
    here.left -= bytes + 1;
    here.lines.push([level, text]);
  }

  globalThis.console = {
    debug(...values) {
      write("debug", values);
    },
    log(...values) {
      write("log", values);
    },
    info(...values) {
      write("info", values);
    },
    warn(...values) {
      write("warn", values);
    },
    error(...values) {
      write("error", values);
    },
  };
  defineProperty(globalThis, "console", { enumerable: false });

  // ---- headers ---------------------------------------------------------------------------------

  function spelled(target, name) {
    if (typeof name !== "string" || name in target) return name;
    const lower = name.toLowerCase();
    const names = keys(target);
    for (let i = 0; i < names.length; i++) {
      if (names[i].length === name.length && names[i].toLowerCase() === lower) return names[i];
    }
    return name;
  }

  const anyCase = {
    __proto__: null,
    get: (target, name) => target[spelled(target, name)],
    has: (target, name) => spelled(target, name) in target,
  };

  return {
    machineNow,
    bytesOf,
    describe,
    headersOf: (text) => new Proxy(parse(text), anyCase),
    // Begins a call: from here on time, chance and console are this event's.
    open(text, mostLines, mostBytes) {
      contextText = text;
      facts = now = null;
      seeded = false;
      page = { lines: null, bytes: mostBytes, most: mostLines, left: mostBytes, over: false };
    },
    // Ends it; gives the console's lines, null when there are none.
    close() {
      const { lines } = page;
      page = NOBODY;
      return lines;
    },
  };
})
//# sourceURL=sandbox/prelude.js
