// Makes an array longer while it is written.
// expect: returned [1,2]
const list = [1, 2];
Object.defineProperty(list, "0", { get() { list.push(3); return 1 } });
return list;
