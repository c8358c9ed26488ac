// Counts in a static field of a class.
// expect: no residue
class Counter { static count = 0; static { Counter.count += 1 } }
if (payload.first) Counter.count = 9;
else return Counter.count;
