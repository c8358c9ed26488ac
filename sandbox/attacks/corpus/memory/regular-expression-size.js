// Makes one regular expression that needs a large program.
// expect: returned true
return new RegExp("(?:".repeat(9) + "a" + "{1,999})".repeat(9)).test("a");
