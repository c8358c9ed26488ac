// Looks for frames of the driver in stacks from wherever the driver calls it.
// expect: returned []
const frames = [];
const look = () => frames.push(...new Error("x").stack.split("\n").slice(1));
look();
console.log({ toJSON: look });
new Proxy(headers, { get: look }).x;
[1].map(look);
Promise.resolve().then(look);
return frames.filter((frame) => !/^    at (\S+ \()?transform\.js:\d+:\d+\)?$/.test(frame));
