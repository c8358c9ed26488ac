// Loops for ever in the static block of a class.
// expect: timed_out
// limits: timeout_ms=100
class Endless { static { for (;;); } }
