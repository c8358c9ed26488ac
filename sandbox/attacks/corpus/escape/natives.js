// Calls V8's own functions by their syntax.
// expect: syntax_invalid
return %DebugPrint(payload);
