# Fills the disk.
# expect: stopped
# layers: seccomp landlock namespaces rlimits
path = f"/tmp/sandbox-attack-{os.getpid()}"
number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
os.unlink(path)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
os.write(number, b"x")
