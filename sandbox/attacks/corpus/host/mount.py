# Mounts a file system.
# expect: stopped
# layers: seccomp landlock privileges
if libc.mount(b"none", b"/", b"tmpfs", 0, None) != 0:
    raise OSError(ctypes.get_errno(), "mount")
libc.umount2(b"/", 2)
