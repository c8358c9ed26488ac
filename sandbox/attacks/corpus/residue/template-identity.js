// Recognises the strings of a template by an identity kept on something shared.
// expect: no residue
const strings = ((parts) => parts)`a`;
if (payload.first) Object.setPrototypeOf(Math, strings);
else return Object.getPrototypeOf(Math) === strings;
