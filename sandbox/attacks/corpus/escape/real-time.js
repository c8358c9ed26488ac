// Asks for the time in every way there is, and compares with the event's.
// expect: returned [0,0,"Fri Jan 02 2026",true,true,true,true]
const at = Date.parse(context.accepted_at);
const shown = new Intl.DateTimeFormat("en", { dateStyle: "full" });
return [
  Date.now() - at,
  new Date() - at,
  Date().slice(0, 15),
  shown.format() === shown.format(at),
  JSON.stringify(shown.formatToParts()) === JSON.stringify(shown.formatToParts(at)),
  shown.format(undefined) === shown.format(at),
  [undefined].map(shown.format)[0] === shown.format(at),
];
