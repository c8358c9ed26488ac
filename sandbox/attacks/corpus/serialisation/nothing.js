// Returns undefined on purpose.
// expect: skipped
return undefined;
