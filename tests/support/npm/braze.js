// Calls the package braze-api: reads {url, key, calls: [[method, body], …]} from standard input and
// writes for each call {"answer": …}, or {"error": {message, status, errors}} where it threw. What a
// call gives one after another is a list.
const { Braze } = require("braze-api");

const { url, key, calls } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const braze = new Braze(url, key);

async function call(method, body) {
  const steps = method.split(".");
  const called = steps.reduce((held, step) => held[step], braze);
  try {
    const answer = await called(body);
    return { answer: answer[Symbol.asyncIterator] ? await gathered(answer) : answer };
  } catch (error) {
    const { message, status, errors } = error;
    return { error: { message, status, errors } };
  }
}

async function gathered(items) {
  const held = [];
  for await (const item of items) held.push(item);
  return held;
}

(async () => {
  const told = [];
  for (const [method, body] of calls) told.push(await call(method, body));
  process.stdout.write(JSON.stringify(told));
})();
