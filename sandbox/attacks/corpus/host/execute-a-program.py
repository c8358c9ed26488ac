# Executes a program in its place.
# expect: stopped
# layers: seccomp landlock namespaces
os.execv("/bin/true", ["true"])
