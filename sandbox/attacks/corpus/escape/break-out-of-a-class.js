// Closes the method and runs a static block of the class.
// expect: syntax_invalid
} static { evil() } async run() {
