// Backtracks in a look-behind, again from each letter, while replacing.
// expect: timed_out
// limits: timeout_ms=100
return "a".repeat(60).concat("b").replace(/(?<=^(a|a)*)c|(a*)*$/g, "");
