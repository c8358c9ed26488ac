# Waits for orders from the network.
# expect: stopped
# layers: seccomp landlock
server = socket.socket()
server.bind((b"127.0.0.1", 0))
server.listen()
