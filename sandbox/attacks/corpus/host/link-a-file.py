# Gives a file of the system a second name.
# expect: stopped
# layers: seccomp landlock namespaces
path = f"/tmp/sandbox-attack-{os.getpid()}"
os.symlink("/etc/passwd", path)
os.unlink(path)
