// Calls itself a file of the driver, to have frames shown that are not its own.
// expect: returned 1
return new Error("x").stack.split("\n").length - 1;
//# sourceURL=sandbox/start.js
