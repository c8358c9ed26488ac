// Asks for a terabyte.
// expect: threw RangeError
return new ArrayBuffer(2 ** 40);
