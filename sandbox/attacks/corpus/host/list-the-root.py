# Lists what there is on this machine.
# expect: stopped
# layers: seccomp landlock namespaces
if not os.listdir("/"):
    raise FileNotFoundError("there is nothing")
