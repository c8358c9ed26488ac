// Makes raw JSON with the separator of the records in it.
// expect: threw SyntaxError
return JSON.rawJSON("1\u001e2");
