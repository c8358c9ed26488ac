// Throws an error whose message is nearly all of the heap.
// expect: threw Error: aaaaaaaaaa
// limits: heap_mb=64
throw new Error("a".repeat(2e7));
