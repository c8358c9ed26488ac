// Lets async functions wait, each with a large array in its hands.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const settlers = [];
const wait = async () => {
  const held = new Array(1000).fill(1);
  await new Promise((resolve) => settlers.push(resolve));
  return held;
};
for (;;) wait();
