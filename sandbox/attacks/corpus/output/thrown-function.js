// Throws a function that shows itself badly.
// expect: threw Something was thrown that cannot be shown.
throw Object.assign(() => 1, { toString() { throw 1 } });
