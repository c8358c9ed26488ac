// Makes an array of the letters of one long text.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
return "a".repeat(5e8).split("").length;
