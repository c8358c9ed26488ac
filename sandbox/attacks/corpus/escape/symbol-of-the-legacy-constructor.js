// Finds the symbol by which old formatters keep their state, and writes there.
// expect: threw TypeError
const [symbol] = Object.getOwnPropertySymbols(
  Intl.NumberFormat.call(Object.create(Intl.NumberFormat.prototype)),
);
Intl.NumberFormat.prototype[symbol] = 1;
