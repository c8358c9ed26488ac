// Loops for ever where an iteration that is broken off is tidied up.
// expect: timed_out
// limits: timeout_ms=100
const endless = { next: () => ({ value: 1 }), return() { for (;;); } };
for (const x of { [Symbol.iterator]: () => endless }) break;
