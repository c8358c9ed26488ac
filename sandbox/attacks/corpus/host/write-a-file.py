# Leaves a file behind in the folder that everybody can write to.
# expect: stopped
# layers: seccomp landlock namespaces
path = f"/tmp/sandbox-attack-{os.getpid()}"
number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
os.unlink(path)
