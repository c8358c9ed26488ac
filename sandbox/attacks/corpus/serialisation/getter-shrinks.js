// Makes an array shorter while it is written.
// expect: returned [1,null,null]
const list = [1, 2, 3];
Object.defineProperty(list, "0", { get() { list.length = 1; return 1 } });
return list;
