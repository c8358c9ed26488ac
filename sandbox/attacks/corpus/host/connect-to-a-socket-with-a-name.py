# Connects to an abstract Unix socket of the host.
# expect: stopped
# layers: seccomp landlock namespaces
client = socket.socket(socket.AF_UNIX)
client.connect("\0" + host.unix_name)
