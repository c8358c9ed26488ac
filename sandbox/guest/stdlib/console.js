// The rest of the console that needs no memory: what it says goes through prelude.js's five levels.
(function consoleRest() {
  "use strict";

  const { debug, log, error } = console;

  Object.assign(console, {
    assert(condition = false, ...values) {
      if (!condition) error("Assertion failed:", ...values);
    },

    dir(value) {
      log(value);
    },

    trace(...values) {
      const { stack } = new Error();
      debug("Trace:", ...values, stack.slice("Error".length));
    },
  });
})
