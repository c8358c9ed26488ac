// Declares a class where other programs could see it.
// expect: returned "undefined"
class Left {}
var also = Left;
return typeof globalThis.Left;
