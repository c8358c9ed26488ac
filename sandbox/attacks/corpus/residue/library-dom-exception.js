// Leaves traces on an error of the standard library and its prototype.
// expect: no residue
if (payload.first) {
  DOMException.prototype.left = 1; try { atob('*') } catch (e) { e.left = 1 }
} else {
  try { atob('*') } catch (e) { return [e.left ?? null, e.name, e.code] }
}
