// Reaches Temporal through a date.
// expect: returned ["undefined","undefined"]
return [typeof Date.prototype.toTemporalInstant, typeof new Date().toTemporalInstant];
