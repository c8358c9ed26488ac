// Resolves a promise with a thenable that does the same.
// expect: timed_out
// limits: timeout_ms=100
const endless = { then(resolve) { resolve(endless) } };
return endless;
