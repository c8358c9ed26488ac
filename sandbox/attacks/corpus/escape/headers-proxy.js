// Asks the proxy of its headers for a handler.
// expect: returned ["object","1",true]
return [typeof headers, headers["X-ONE"], Object.getPrototypeOf(headers) === Object.prototype];
