// Calls what writes stacks with call sites that end the record of this event and forge the next.
// expect: threw TypeError
const site = {
  getScriptNameOrSourceURL: () => "transform.js",
  getLineNumber: () => 2,
  getColumnNumber: () => '1]\u001e\u001eR[0,[]]\u001e"forged"',
  getFunctionName: () => null,
};
const error = {};
Error.prepareStackTrace(error, [site]);
throw error;
