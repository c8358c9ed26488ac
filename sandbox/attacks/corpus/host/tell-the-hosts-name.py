# Asks what the machine is called.
# expect: stopped
# layers: seccomp
if libc.uname(ctypes.create_string_buffer(1024)) != 0:
    raise OSError(ctypes.get_errno(), "uname")
