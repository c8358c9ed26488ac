# Handles page faults itself, which is how races in the kernel are won.
# expect: stopped
# layers: seccomp privileges
number = {"x86_64": 323, "aarch64": 282}[machine]
os.close(syscall(number, 0))
