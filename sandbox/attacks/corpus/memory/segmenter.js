// Keeps the parts of a long text.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
return [...new Intl.Segmenter().segment("a".repeat(3e6))].length;
