// Catches the functions with which the driver settles a promise.
// expect: returned ["function","function",2]
return {
  then(...settlers) {
    const [resolve, reject] = settlers;
    try { resolve.left = reject.left = 1 } catch {}
    resolve([typeof resolve, typeof reject, settlers.length]);
  },
};
