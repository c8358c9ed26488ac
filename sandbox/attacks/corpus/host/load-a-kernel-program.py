# Loads a program into the kernel.
# expect: stopped
# layers: seccomp privileges
number = {"x86_64": 321, "aarch64": 280}[machine]
attributes = ctypes.create_string_buffer(struct.pack("=IIII", 2, 4, 4, 1) + bytes(112))
syscall(number, 0, ctypes.c_void_p(ctypes.addressof(attributes)), 128)
