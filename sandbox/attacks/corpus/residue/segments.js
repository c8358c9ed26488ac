// Marks what a segmenter returns and its iterator.
// expect: no residue
const segments = new Intl.Segmenter().segment("a");
if (payload.first) segments.__proto__.left = segments[Symbol.iterator]().__proto__.left = 1;
else return [segments.left ?? null, segments[Symbol.iterator]().left ?? null];
