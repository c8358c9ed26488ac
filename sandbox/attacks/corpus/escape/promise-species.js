// Returns a promise of a class that wants to make the promises of whoever awaits it.
// expect: returned "mine"
class Spy extends Promise {
  static get [Symbol.species]() { return Spy }
  then(...given) { return super.then(...given) }
}
return new Spy((resolve) => resolve("mine"));
