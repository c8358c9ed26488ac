// Assigns to the one binding of the embedding that cannot be removed.
// expect: no residue
if (payload.first) __TimerManager = 5;
else return typeof __TimerManager;
