// Throws what JSON.stringify would throw, to be taken for the engine.
// expect: threw TypeError: Converting circular structure to JSON
return {
  toJSON() {
    throw new TypeError("Converting circular structure to JSON");
  },
};
