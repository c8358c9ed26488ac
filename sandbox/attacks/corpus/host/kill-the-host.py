# Kills its host.
# expect: stopped
# layers: seccomp landlock
os.kill(host.pid, 0)
