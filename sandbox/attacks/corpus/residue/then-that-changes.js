// Is a promise only the first time somebody looks.
// expect: no residue
if (payload.first) {
  let looks = 0;
  return { get then() { return looks++ ? undefined : () => {} } };
}
return { mine: 1 };
