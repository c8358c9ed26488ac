# Leaves a message for later guests in the keyring of the user.
# expect: stopped
# layers: seccomp
number = {"x86_64": 248, "aarch64": 217}[machine]
kind, name, value = (
    ctypes.create_string_buffer(each) for each in (b"user", b"sandbox-attack", b"x")
)
pointers = [ctypes.c_void_p(ctypes.addressof(each)) for each in (kind, name, value)]
syscall(number, *pointers, 1, -3)
