// Asks a function who called it.
// expect: returned ["TypeError","TypeError","TypeError"]
function own() {
  return [() => own.caller, () => own.arguments, () => Function.prototype.caller].map((ask) => {
    try {
      return ask() === null ? "null" : "found";
    } catch (error) {
      return error.name;
    }
  });
}
return own();
