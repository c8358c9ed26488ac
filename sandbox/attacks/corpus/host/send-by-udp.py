# Sends what it knows as a datagram.
# expect: stopped
# layers: seccomp namespaces
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"secret", (b"127.0.0.1", host.udp_port))
