// Gets numbers that JavaScript does not have.
// expect: returned [9007199254740992,null,1e-7,0]
// payload: [9007199254740993, 1e999, 0.0000001, -0.0]
return payload;
