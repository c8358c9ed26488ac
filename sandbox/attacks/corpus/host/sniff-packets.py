# Opens a raw socket.
# expect: stopped
# layers: seccomp privileges
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
