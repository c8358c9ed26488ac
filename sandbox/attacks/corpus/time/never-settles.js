// Awaits a promise that nobody settles.
// expect: never_settled
await new Promise(() => {});
