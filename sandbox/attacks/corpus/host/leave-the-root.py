# Leaves its root by changing it once more.
# expect: stopped
# layers: seccomp privileges
os.chroot(".")
