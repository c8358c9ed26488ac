// Puts a private field on a frozen intrinsic, where it would stay for ever.
// expect: returned ["TypeError",false]
class Base { constructor(object) { return object } }
class Stamp extends Base { #left = 1; static has(object) { return #left in object } }
let refused = null;
try { new Stamp(Math) } catch (error) { refused = error.name }
return [refused, Stamp.has(Math)];
