// Throws an error whose message is no text but something that acts.
// expect: threw Error: acted
const error = new Error("quiet");
error.message = { toString: () => "acted" };
throw error;
