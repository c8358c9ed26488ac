// Returns a thenable that never calls back.
// expect: never_settled
return { then() {} };
