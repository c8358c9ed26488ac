// Returns null.
// expect: skipped
return null;
