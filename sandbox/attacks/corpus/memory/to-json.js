// Fills the heap while its output is written.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
return {
  toJSON() {
    const a = [];
    for (;;) a.push(new Array(1000).fill(1));
  },
};
