# Kills whatever it may.
# expect: stopped
# layers: seccomp landlock
try:
    os.kill(os.getppid(), 0)
except PermissionError:
    raise
