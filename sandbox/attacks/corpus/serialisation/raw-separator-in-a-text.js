// Makes raw JSON of a text that contains the separator as it is.
// expect: threw SyntaxError
return JSON.rawJSON('"\u001e"');
