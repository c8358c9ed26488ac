# Writes a program into memory and executes it, without any file.
# expect: stopped
# layers: seccomp rlimits
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
number = os.memfd_create("attack", 0)
os.write(number, b"#!/bin/true\n")
