// Awaits what nobody ever settles, and leaves it pending.
// expect: no residue
if (payload.first) await new Promise(() => {});
else return await 1;
