# Opens a netlink socket, the way to much of the kernel that is seldom used.
# expect: stopped
# layers: seccomp
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
