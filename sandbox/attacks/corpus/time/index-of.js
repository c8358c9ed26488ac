// Searches an array that is as long as an array can be.
// expect: timed_out
// limits: timeout_ms=100
const list = [1];
list.length = 4e9;
return list.indexOf(2);
