# Becomes root again.
# expect: stopped
# layers: seccomp privileges
os.setresuid(0, 0, 0)
