// Gives a timer a text to evaluate.
// expect: returned "TypeError"
try {
  setTimeout("1");
} catch (error) {
  return error.name;
}
