// Walks from itself to who called it.
// expect: threw TypeError
return arguments.callee.caller;
