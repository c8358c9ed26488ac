"""The command line: `transformer …`; what each command prints and how it exits."""
