# Copies memory out of its host.
# expect: stopped
# layers: seccomp landlock namespaces privileges
local = ctypes.create_string_buffer(8)
address = id(host)
here = struct.pack("=QQ", ctypes.addressof(local), 8)
there = struct.pack("=QQ", int(open(f"/proc/{host.pid}/maps").readline().split("-")[0], 16), 8)
keep = [ctypes.create_string_buffer(each) for each in (here, there)]
number = {"x86_64": 310, "aarch64": 270}[machine]
syscall(
    number,
    host.pid,
    ctypes.c_void_p(ctypes.addressof(keep[0])),
    1,
    ctypes.c_void_p(ctypes.addressof(keep[1])),
    1,
    0,
)
