// Makes functions spread in concat.
// expect: no residue
if (payload.first) Function.prototype[Symbol.isConcatSpreadable] = true;
else return [].concat(() => 1).length;
