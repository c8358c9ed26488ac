// Replaces how all async generators go on.
// expect: no residue
if (payload.first) (async function* () {}).prototype.__proto__.next = 1;
else return typeof (async function* () {})().next;
