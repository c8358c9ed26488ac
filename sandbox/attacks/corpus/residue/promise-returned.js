// Returns a promise, after which events run one an entry: what a later one leaves pending must not show.
// expect: no residue
if (payload.first) return Promise.resolve(1);
const order = { settled: false };
Promise.resolve().then(() => {
  order.settled = true;
  console.log("left");
});
return order;
