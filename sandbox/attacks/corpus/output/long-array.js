// Returns an array that is long and has nothing in it.
// expect: output_too_large
return new Array(1e6);
