// Reads the text of functions that the sandbox has put in.
// expect: returned 0
const texts = [Date, Date.now, Math.random, console.log, Symbol.for, JSON.rawJSON].map(String);
return texts.filter((text) => text.includes("SEPARATOR") || text.includes("progress")).length;
