// Loops for ever in an async function that runs on after the end.
// expect: timed_out
// limits: timeout_ms=100
await null;
(async () => { await null; for (;;); })();
return 1;
