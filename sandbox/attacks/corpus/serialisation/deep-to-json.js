// Returns something that answers toJSON with a deeper one, for ever.
// expect: threw RangeError: Maximum call stack size exceeded
const deeper = () => ({ toJSON: () => [deeper()] });
return deeper();
