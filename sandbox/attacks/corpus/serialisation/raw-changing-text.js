// Makes raw JSON of something that is another text the second time it is asked.
// expect: returned [1]
let asked = 0;
return [JSON.rawJSON({ toString: () => (asked++ ? "1\u001e2" : "1") })];
