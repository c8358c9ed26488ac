// Fills one typed array that is larger than all a guest may have.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
return new Uint8Array(9e8).fill(1).length;
