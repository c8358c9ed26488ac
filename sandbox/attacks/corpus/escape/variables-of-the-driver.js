// Looks for the driver's own variables.
// expect: returned ["undefined","undefined","undefined","undefined","undefined","undefined"]
return [
  typeof driver,
  typeof controls,
  typeof program,
  typeof records,
  typeof results,
  typeof progress,
];
