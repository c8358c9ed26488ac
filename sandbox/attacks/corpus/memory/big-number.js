// Makes a number with more digits than fit.
// expect: threw RangeError
return 2n ** (2n ** 40n);
