// Compiles another pattern into a regular expression, as old engines allowed.
// expect: no residue
const letters = /a/;
if (payload.first) letters.compile("left");
else return letters.source;
