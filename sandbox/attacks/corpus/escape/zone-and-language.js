// Reads the zone and the language of the machine.
// expect: returned ["UTC","en-US",0]
return [
  new Intl.DateTimeFormat().resolvedOptions().timeZone,
  new Intl.NumberFormat().resolvedOptions().locale,
  new Date().getTimezoneOffset(),
];
