// Awaits a promise that awaits it.
// expect: never_settled
const a = (async () => { await 0; return b })();
const b = (async () => { await 0; return a })();
return await a;
