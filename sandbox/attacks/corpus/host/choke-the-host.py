# Sets the limits of its host, by which it could be choked.
# expect: stopped
# layers: seccomp privileges
resource.prlimit(host.pid, resource.RLIMIT_CORE, resource.prlimit(host.pid, resource.RLIMIT_CORE))
