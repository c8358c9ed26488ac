// Calls what writes stacks with a line that is no number.
// expect: threw TypeError
const site = {
  getScriptNameOrSourceURL: () => "transform.js",
  getLineNumber: () => "line",
  getColumnNumber: () => ({}),
  getFunctionName: () => null,
};
const error = {};
Error.prepareStackTrace(error, [site]);
throw error;
