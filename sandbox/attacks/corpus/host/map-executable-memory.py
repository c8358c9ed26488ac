# Maps memory that is writable and executable, for machine code of its own.
# expect: stopped
# layers: seccomp
mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
