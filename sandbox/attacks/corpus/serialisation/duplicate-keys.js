// Gets a payload with a key that stands there twice.
// expect: returned {"a":2}
// payload: {"a": 1, "a": 2}
return payload;
