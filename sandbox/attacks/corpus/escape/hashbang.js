// Names a program to run it with.
// expect: syntax_invalid
#!/bin/sh
}
