# Makes a process through the system call for threads, with the flags of a process.
# expect: stopped
# layers: seccomp
number = {"x86_64": 56, "aarch64": 220}[machine]
if syscall(number, signal.SIGCHLD, 0, 0, 0, 0) == 0:
    os._exit(0)
