# Reads the secrets in the environment of its host.
# expect: stopped
# layers: seccomp landlock namespaces privileges
open(f"/proc/{host.pid}/environ", "rb").read(1)
