// Lets each reaction start two more.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const f = () => {
  Promise.resolve().then(f);
  Promise.resolve().then(f);
};
await f();
