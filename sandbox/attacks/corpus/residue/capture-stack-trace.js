// Puts a stack on an object that all events share.
// expect: no residue
if (payload.first) Error.captureStackTrace(Math);
else return Math.stack ?? null;
