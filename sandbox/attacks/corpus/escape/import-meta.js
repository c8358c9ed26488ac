// Reads where its module is.
// expect: syntax_invalid
return import.meta.url;
