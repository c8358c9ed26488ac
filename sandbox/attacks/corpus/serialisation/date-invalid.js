// Returns a date that is none.
// expect: returned [null,{"at":null}]
return [new Date(NaN), { at: new Date(8.64e15 + 1) }];
