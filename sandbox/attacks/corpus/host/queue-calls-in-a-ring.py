# Makes a ring by which calls reach the kernel past a filter.
# expect: stopped
# layers: seccomp
parameters = ctypes.create_string_buffer(120)
syscall(425, 4, ctypes.c_void_p(ctypes.addressof(parameters)))
