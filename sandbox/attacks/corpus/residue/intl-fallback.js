// Makes a formatter out of a shared object, as old code does.
// expect: no residue
if (payload.first) Intl.NumberFormat.call(Intl.NumberFormat.prototype);
else return Object.getOwnPropertySymbols(Intl.NumberFormat.prototype).map(String);
