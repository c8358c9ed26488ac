// Returns an object that is another at each look.
// expect: returned [1,2]
let looks = 0;
const own = { toJSON: () => ++looks };
return [own, own];
