// Returns what ends a line in JavaScript but not in JSON.
// expect: returned "\n\r  \u0000"
return "\n\r\u2028\u2029\u0000";
