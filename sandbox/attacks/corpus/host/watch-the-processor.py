# Counts what the processor does, to see through side channels.
# expect: stopped
# layers: seccomp privileges
number = {"x86_64": 298, "aarch64": 241}[machine]
attributes = ctypes.create_string_buffer(struct.pack("=IIQ", 1, 128, 0) + bytes(112))
os.close(syscall(number, ctypes.c_void_p(ctypes.addressof(attributes)), host.pid, -1, -1, 0))
