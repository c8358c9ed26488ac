// Reaches the date that knows the real time, through everything that makes dates.
// expect: returned [true,true,true,true,true]
const now = Date.now();
class Day extends Date {}
return [
  new Date().constructor === Date,
  Object.getPrototypeOf(Day) === Date,
  Reflect.construct(Date, [], Day).getTime() === now,
  new (new Date().constructor)().getTime() === now,
  Reflect.construct(Date, [], Object) instanceof Object,
];
