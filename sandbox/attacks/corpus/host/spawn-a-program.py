# Starts a program beside itself.
# expect: stopped
# layers: seccomp landlock namespaces
pid = os.posix_spawn("/bin/true", ["true"], {})
if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
    raise PermissionError("it did not run")
