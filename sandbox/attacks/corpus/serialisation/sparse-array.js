// Returns an array with holes and names.
// expect: returned [null,null,1]
const list = [];
list[2] = 1;
list.name = "x";
return list;
