// Marks the function that refuses to tell who called.
// expect: threw TypeError
const refuse = Object.getOwnPropertyDescriptor(arguments, "callee").get;
refuse.left = 1;
