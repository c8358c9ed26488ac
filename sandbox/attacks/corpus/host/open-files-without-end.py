# Uses up the files that the system can keep open.
# expect: stopped
# layers: seccomp rlimits
for _ in range(64):
    os.dup(0)
