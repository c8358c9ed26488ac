# Reads a file of the system.
# expect: stopped
# layers: seccomp landlock namespaces
open("/etc/passwd", "rb").read(1)
