// Marks the two functions that every error has as the accessor of its stack.
// expect: no residue
const { get, set } = Object.getOwnPropertyDescriptor(new Error(), "stack");
if (payload.first) get.left = set.left = 1;
else return [get.left ?? null, set.left ?? null];
