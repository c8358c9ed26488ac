# Opens its own memory as a file, to write where no store instruction may.
# expect: stopped
# layers: seccomp landlock namespaces privileges
os.open("/proc/self/mem", os.O_RDWR)
