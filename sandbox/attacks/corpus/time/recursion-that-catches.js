// Fills the stack again from each of its frames.
// expect: timed_out
// limits: timeout_ms=100
(function f() { try { f() } catch { f() } })();
