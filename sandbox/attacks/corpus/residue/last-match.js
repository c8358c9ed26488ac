// Matches something for RegExp to remember.
// expect: no residue
if (payload.first) /(l)(eft)/.exec("left");
else return [RegExp.$1 ?? null, RegExp.lastMatch ?? null, RegExp["$_"] ?? null, RegExp.input ?? null];
