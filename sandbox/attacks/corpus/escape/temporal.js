// Asks Temporal what time it is.
// expect: threw ReferenceError: Temporal is not defined
return Temporal.Now.instant();
