# Makes executable what it has written.
# expect: stopped
# layers: seccomp
memory = mmap.mmap(-1, 4096)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), 5) != 0:
    raise OSError(ctypes.get_errno(), "mprotect")
