// Asks for a text longer than texts can be.
// expect: threw RangeError
return "a".repeat(2 ** 30);
