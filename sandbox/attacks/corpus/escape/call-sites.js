// Asks V8 for call sites, which lead to functions and to this.
// expect: threw TypeError
Error.prepareStackTrace = (error, sites) => sites;
