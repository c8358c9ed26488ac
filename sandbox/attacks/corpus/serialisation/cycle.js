// Returns an object that contains itself.
// expect: not_json
const a = {};
a.a = a;
return a;
