# Makes itself namespaces in which it holds every capability.
# expect: stopped
# layers: seccomp
if libc.unshare(0x10000000) != 0:
    raise OSError(ctypes.get_errno(), "unshare")
