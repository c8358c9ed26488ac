// Writes on the console while what it threw is shown.
// expect: threw Error: late
// limits: console_lines=5
const error = new Error("late");
Object.defineProperty(error, "stack", { get() { for (;;) if (console.log(1), Math.random() < 0.01) return } });
throw error;
