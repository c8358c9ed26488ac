// Makes memory that threads could share.
// expect: threw ReferenceError: SharedArrayBuffer is not defined
return new SharedArrayBuffer(8);
