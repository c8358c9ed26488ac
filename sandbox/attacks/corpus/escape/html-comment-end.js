// Ends a comment of old HTML that nobody began.
// expect: syntax_invalid
}
--> 
, {
