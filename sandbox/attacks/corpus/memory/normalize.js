// Lets one letter become eighteen by normalising it.
// expect: out_of_memory
// limits: timeout_ms=20000 heap_mb=16
const a = [];
for (;;) a.push("\ufdfa".repeat(1e5).normalize("NFKD"));
