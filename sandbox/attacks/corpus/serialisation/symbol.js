// Returns a symbol.
// expect: not_json
return Symbol("s");
