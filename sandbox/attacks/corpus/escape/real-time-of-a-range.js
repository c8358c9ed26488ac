// Asks a formatter for a range from now to now.
// expect: threw TypeError
return new Intl.DateTimeFormat().formatRange(undefined, undefined);
