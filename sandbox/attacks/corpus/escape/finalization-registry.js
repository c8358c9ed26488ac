// Is told when something was collected.
// expect: threw ReferenceError: FinalizationRegistry is not defined
return new FinalizationRegistry(() => {});
