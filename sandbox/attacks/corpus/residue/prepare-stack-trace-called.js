// Calls what writes the stacks itself, with frames it made up, on an object that all events share.
// expect: no residue
if (payload.first) {
  const site = {
    getScriptNameOrSourceURL: () => "transform.js",
    getLineNumber: () => 667,
    getColumnNumber: () => 7,
    getFunctionName: () => "left",
  };
  Error.prepareStackTrace(Math, [site]);
} else {
  throw Math;
}
