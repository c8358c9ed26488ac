// Leaves a regular expression of the text in the middle of its work.
// expect: no residue
const letters = /a/g;
if (payload.first) letters.exec("aa");
else return [letters.lastIndex, letters.exec("aa").index];
