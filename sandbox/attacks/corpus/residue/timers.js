// Brings back the names of the timers.
// expect: no residue
if (payload.first) globalThis.setTimeout = 5;
else return typeof setTimeout;
