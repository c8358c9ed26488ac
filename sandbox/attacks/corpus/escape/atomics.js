// Waits with Atomics, which makes a clock.
// expect: threw ReferenceError: Atomics is not defined
return Atomics.wait(new Int32Array(4), 0, 0, 10);
