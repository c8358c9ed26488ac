// Awaits the first of no promises at all.
// expect: never_settled
return Promise.race([]);
