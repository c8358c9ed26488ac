// Looks for arguments that the driver did not mean to give.
// expect: returned [3,"undefined","undefined"]
return [arguments.length, typeof arguments[3], typeof this];
