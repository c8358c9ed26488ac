// Loops for ever in a template.
// expect: timed_out
// limits: timeout_ms=100
return `${{ toString() { for (;;); } }}`;
