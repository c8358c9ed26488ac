// Returns a function.
// expect: not_json
return () => 1;
