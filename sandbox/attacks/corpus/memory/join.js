// Joins as many empty places as an array can have.
// expect: threw RangeError
return new Array(2 ** 32 - 1).join("ab");
