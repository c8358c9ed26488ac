// Runs a transformation in isolated-vm, as a platform on Node would, and says how long it took.
//
// Reads {mode, code, payloads, warm_up, events} on stdin, writes {seconds, output} on stdout. Each
// event passes its payload's text in, parses it inside, runs, writes JSON inside, and passes the text
// out. The modes differ in what one event can leave for the next:
//
//   isolate   a new isolate an event: nothing
//   context   a new context an event, in one isolate: nothing that JavaScript can reach
//   warm      one context for all: whatever it likes
"use strict";

const { readFileSync } = require("node:fs");
const ivm = require("isolated-vm");

const { mode, code, payloads, warm_up, events } = JSON.parse(readFileSync(0, "utf8"));
const MEMORY = { memoryLimit: 64 };
const SOURCE = `(() => {
  const run = (payload) => {"use strict";\n${code}\n};
  return (text) => JSON.stringify(run(JSON.parse(text)));
})()`;

// A fresh place for each event compiles from V8's cache, which is its quickest way.
const compiler = new ivm.Isolate(MEMORY);
const { cachedData } = compiler.compileScriptSync(SOURCE, { produceCachedData: true });

function inNewIsolate(text) {
  const isolate = new ivm.Isolate(MEMORY);
  const script = isolate.compileScriptSync(SOURCE, { cachedData });
  const run = script.runSync(isolate.createContextSync(), { reference: true });
  const output = run.applySync(undefined, [text]);
  isolate.dispose();
  return output;
}

function inNewContext() {
  const isolate = new ivm.Isolate(MEMORY);
  const script = isolate.compileScriptSync(SOURCE, { cachedData });
  return (text) => {
    const context = isolate.createContextSync();
    const run = script.runSync(context, { reference: true });
    const output = run.applySync(undefined, [text]);
    run.release();
    context.release();
    return output;
  };
}

function inWarmContext() {
  const isolate = new ivm.Isolate(MEMORY);
  const script = isolate.compileScriptSync(SOURCE, { cachedData });
  const run = script.runSync(isolate.createContextSync(), { reference: true });
  return (text) => run.applySync(undefined, [text]);
}

const modes = { isolate: () => inNewIsolate, context: inNewContext, warm: inWarmContext };
const runOne = modes[mode]();

for (let i = 0; i < warm_up; i++) runOne(payloads[i % payloads.length]);
const startedAt = process.hrtime.bigint();
for (let i = 0; i < events; i++) runOne(payloads[i % payloads.length]);
const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;

process.stdout.write(JSON.stringify({ seconds, output: runOne(payloads[0]) }));
