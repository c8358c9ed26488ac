// Returns numbers that JSON does not have.
// expect: returned [null,null,null,0,1e+21]
return [NaN, Infinity, -Infinity, -0, 1e21];
