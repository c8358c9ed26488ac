// Writes past a frozen object by naming another receiver that is shared.
// expect: no residue
if (payload.first) {
  for (const shared of [Math, JSON, Reflect, Intl, console]) Reflect.set({}, "left", 1, shared);
} else {
  return [Math, JSON, Reflect, Intl, console].map((shared) => shared.left ?? null);
}
