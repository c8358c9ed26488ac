// Looks for frames of the driver in a stack that continues over an await.
// expect: returned []
const settle = async () => { await null; return new Error("x").stack };
const frames = (await settle()).split("\n").slice(1);
return frames.filter((frame) => !frame.includes("transform.js:"));
