// Marks an object with a symbol that every event can find by its name.
// expect: no residue
const symbol = Symbol.for("left");
if (payload.first) Math[symbol] = 1;
else return [Math[symbol] ?? null, Symbol.keyFor(symbol), symbol === Symbol.for("left")];
