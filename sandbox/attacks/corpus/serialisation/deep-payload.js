// Gets a payload that is nested, and nests it further into itself.
// expect: not_json
// payload: [[[[]]]]
payload[0][0][0][0] = payload;
return payload;
