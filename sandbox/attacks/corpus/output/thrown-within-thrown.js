// Throws something that throws while it is shown, and so on.
// expect: threw Something was thrown that cannot be shown.
throw { toJSON() { throw this } };
