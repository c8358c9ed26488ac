// Returns an object with a key then that is no function.
// expect: returned {"then":1}
return { then: 1 };
