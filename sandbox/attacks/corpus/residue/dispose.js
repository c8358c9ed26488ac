// Marks the stacks of what is to be disposed of.
// expect: no residue
if (payload.first) {
  DisposableStack.prototype.left = AsyncDisposableStack.prototype.left = 1;
} else {
  return [new DisposableStack().left ?? null, new AsyncDisposableStack().left ?? null];
}
