// Closes the function behind a comment that swallows what comes after.
// expect: syntax_invalid
}
}}) //
