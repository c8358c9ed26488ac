// Returns a promise that is rejected with nothing.
// expect: threw undefined
return Promise.reject();
