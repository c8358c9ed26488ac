// Keeps formatters, which hold memory outside of the heap.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const a = [];
for (;;) a.push(new Intl.DateTimeFormat("en", { dateStyle: "full", timeZone: "Asia/Tokyo" }));
