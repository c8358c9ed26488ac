// Marks the wrapper that Iterator.from puts around an iterator.
// expect: no residue
const wrapped = Iterator.from({ next: () => ({ done: true }) });
if (payload.first) wrapped.__proto__.left = 1;
else return wrapped.left ?? null;
