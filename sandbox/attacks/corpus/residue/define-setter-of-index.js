// Catches what is assigned to array elements by an accessor on the prototype.
// expect: no residue
if (payload.first) {
  Array.prototype.__defineSetter__("0", function (value) { this.caught = value });
} else {
  const list = [];
  list[0] = "mine";
  return [list, list.caught ?? null];
}
