// Compares long texts by the rules of a language.
// expect: timed_out
// limits: timeout_ms=100
const long = "ä".repeat(1e6);
for (;;) (long + "a").localeCompare(long + "b", "de");
