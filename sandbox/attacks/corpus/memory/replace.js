// Lets every letter of a text be replaced by a longer text.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
return "a".repeat(1e5).replaceAll("a", "b".repeat(4e3)).charCodeAt(7);
