// Resolves a promise with promises, a hundred deep.
// expect: returned 1
let promise = 1;
for (let i = 0; i < 100; i++) promise = { then: ((inner) => (resolve) => resolve(inner))(promise) };
return promise;
