// Puts another prototype under the one that all objects have.
// expect: no residue
if (payload.first) Object.setPrototypeOf(Object.getPrototypeOf(payload), { left: 1 });
else return payload.left ?? null;
