# Makes processes without end.
# expect: stopped
# layers: seccomp
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
