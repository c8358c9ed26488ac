// Returns its own arguments.
// expect: returned {"0":null,"1":{"X-One":"1"},"2":"cut"}
arguments[2] = "cut";
return arguments;
