// Runs a batch: reads it, calls the program once an event, writes the results.
//
// A batch is one text: records joined by U+001E, which JSON text cannot contain. They are payload and
// context of each call, and its headers if the program can see them. What comes back are two records
// a call: a letter with the JSON array of its details, and the JSON text returned.
//
// The guest assigns to `batch`, then reads `results` until it is a text. Assigning only schedules the
// work as a reaction: V8 runs it when the entry is left, and the next entry waits until no reaction
// is left at all. That costs 20 µs an entry where a call through the embedding costs 130, and V8's
// stop at the heap limit aborts the process in an accessor, but only ends a reaction.
//
// Two ways through a batch. A program that only computes runs event after event in one reaction, and
// what it left pending can only run when the last one is over. Once a program makes a promise, its
// events run *alone*: one entry each, so that nothing of one event runs during another (it would
// draw from its Math.random and write on its console).
//
// Evaluates to a function of the controls that prelude.js returns, and of the finder of misfits.js.
(function driver(controls, findMisfits) {
  "use strict";

  const SEPARATOR = "\u001e";
  const { machineNow, bytesOf, describe, headersOf, open, close } = controls;
  const { parse, stringify } = JSON;

  // Read from outside: by the watchdog, while V8 runs, which call is running, −1 for none; and how
  // many results there are, when there are.
  const progress = new Int32Array([-1, 0]);

  // Results wait in V8's heap until the batch ends; past this many units it ends early.
  const MOST_WAITING = 4_194_304;

  // By far the most frequent record: returned within a tick of the clock and wrote nothing.
  const PLAIN = "R[0,[]]";

  let program;
  let common;
  let alone;
  // Whether the program can see its arguments of these names.
  let seesHeaders;
  let recordsPerCall;
  let seesContext;

  let limits;
  let records;
  let sliceEnd;
  let count;
  let next;
  let results;
  let waiting;
  let startedAt;
  let endedAt;
  // What the pending event's reactions are bound to: those of an earlier event find another object.
  let pending = null;

  function write(kind, details, output, lines = close()) {
    endedAt = machineNow();
    const elapsed = endedAt - startedAt;
    let record = PLAIN;
    if (kind !== "R" || elapsed !== 0 || lines !== null || details !== "") {
      record = `${kind}[${elapsed},${lines === null ? "[]" : stringify(lines)}${details}]`;
    }
    results.push(record, output);
    waiting += record.length + output.length;
  }

  function threw(thrown) {
    const { message, position } = describe(thrown);
    const line = position === null ? "null" : position.line;
    const column = position === null ? "null" : position.column;
    write("E", `,${stringify(message)},${line},${column}`, "");
  }

  function returned(value) {
    if (value === undefined || value === null) {
      write("R", "", "");
      return;
    }
    let text;
    try {
      text = stringify(value);
    } catch (thrown) {
      // The engine's own refusals; whatever else is thrown here, user code threw (a toJSON, a getter).
      const { message, position } = describe(thrown);
      const refused =
        message.startsWith("TypeError: Converting circular structure") ||
        message.startsWith("TypeError: Do not know how to serialize a BigInt");
      if (refused && position === null) notJson(message, value);
      else threw(thrown);
      return;
    }
    if (text === undefined) {
      notJson(`A ${typeof value} has no form in JSON.`, value);
      return;
    }
    const { outputBytes } = limits;
    // Counting bytes takes its time; of what is too long in units, the units are told.
    let bytes = text.length;
    if (bytes <= outputBytes && bytes * 3 > outputBytes) bytes = bytesOf(text);
    if (bytes > outputBytes) write("L", `,${bytes}`, "");
    else if (limits.misfits > 0) returnedWithMisfits(value, text);
    else write("R", "", text);
  }

  // Finding runs user code once more, so the console is closed before.
  function notJson(message, value) {
    const lines = close();
    const { refusal } = findMisfits(value, 0);
    const found = refusal === null ? [] : [refusal];
    write("J", `,${stringify(message)},${stringify(found)}`, "", lines);
  }

  function returnedWithMisfits(value, text) {
    const lines = close();
    const { lost } = findMisfits(value, limits.misfits);
    write("R", lost.length === 0 ? "" : `,${stringify(lost)}`, text, lines);
  }

  // What a program cannot see is not made for it.
  function call(i) {
    const at = i * recordsPerCall;
    const contextText = records[at + 1];
    open(contextText, limits.consoleLines, limits.consoleBytes);
    progress[0] = i;
    return program(
      parse(records[at]),
      seesHeaders ? headersOf(records[at + 2]) : undefined,
      seesContext ? { ...parse(common), ...parse(contextText) } : undefined,
    );
  }

  function isPromise(value) {
    return (
      ((typeof value === "object" && value !== null) || typeof value === "function") &&
      typeof value.then === "function"
    );
  }

  function runTogether() {
    endedAt = machineNow();
    while (next < count) {
      startedAt = endedAt;
      try {
        const value = call(next);
        if (isPromise(value)) {
          // Forget what it did and run it again by itself: programs are pure.
          alone = true;
          close();
          break;
        }
        returned(value);
      } catch (thrown) {
        threw(thrown);
      }
      next += 1;
      if (endedAt >= sliceEnd || waiting > MOST_WAITING) break;
    }
    progress[0] = -1;
  }

  async function settle(event, value) {
    try {
      const result = await value;
      if (pending === event) returned(result);
    } catch (thrown) {
      if (pending === event) threw(thrown);
    }
    if (pending === event) pending = null;
  }

  function startAlone() {
    pending = { number: next };
    const event = pending;
    next += 1;
    startedAt = machineNow();
    try {
      const value = call(event.number);
      // What is no promise is written at once, as it is together: else reactions that the code
      // leaves behind would run before it is, or not, by what an earlier event returned.
      if (isPromise(value)) {
        settle(event, value);
      } else {
        returned(value);
        pending = null;
      }
    } catch (thrown) {
      threw(thrown);
      pending = null;
    }
  }

  // Twice as fast as String.prototype.split where the text has two bytes a character.
  function cut(text) {
    const pieces = [];
    let from = 0;
    for (let to = 0; (to = text.indexOf(SEPARATOR, from)) >= 0; from = to + 1) {
      pieces.push(text.slice(from, to));
    }
    pieces.push(text.slice(from));
    return pieces;
  }

  function begin(text) {
    records = cut(text);
    count = records.length / recordsPerCall;
    sliceEnd = machineNow() + limits.sliceMs;
    next = 0;
    results = [];
    waiting = 0;
    pending = null;
    if (alone) startAlone();
    else runTogether();
  }

  // Every reaction of the event before has run by now: V8 was left and entered again.
  function goOn() {
    if (pending !== null) {
      pending = null;
      write("N", "", "");
    }
    const over = !(next < count) || machineNow() >= sliceEnd || waiting > MOST_WAITING;
    if (results.length === 0 || (alone && !over)) {
      soon(startAlone);
      return null;
    }
    progress[1] = results.length / 2;
    const text = results.join(SEPARATOR);
    records = results = null;
    progress[0] = -1;
    return text;
  }

  const settled = Promise.resolve();

  function soon(work, argument) {
    settled.then(() => work(argument));
  }

  return {
    progress,

    load(compiled, commonText, promises, headers, context) {
      program = compiled;
      common = commonText;
      alone = promises;
      seesHeaders = headers;
      recordsPerCall = headers ? 3 : 2;
      seesContext = context;
    },

    set limits(text) {
      limits = parse(text);
    },

    set batch(text) {
      soon(begin, text);
    },

    get results() {
      return goOn();
    },
  };
})
//# sourceURL=sandbox/driver.js
