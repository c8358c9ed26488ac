// Parses a text into far more objects than it has letters.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
return JSON.parse(`[${'{"a":[1],"b":{}},'.repeat(1e6)}{}]`).length;
