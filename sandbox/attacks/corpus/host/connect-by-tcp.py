# Connects to a server on this machine.
# expect: stopped
# layers: seccomp landlock namespaces
socket.socket().connect((b"127.0.0.1", host.tcp_port))
