// Lets the driver call a function of its own, and asks that who called it.
// expect: returned {"caller":"TypeError"}
return {
  toJSON: function toJSON() {
    try {
      return { caller: String(toJSON.caller) };
    } catch (error) {
      return { caller: error.name };
    }
  },
};
