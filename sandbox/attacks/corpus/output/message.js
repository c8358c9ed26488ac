// Throws a message of a million letters.
// expect: threw Error: xxx
throw new Error("x".repeat(1e6));
