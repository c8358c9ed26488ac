# Makes a folder.
# expect: stopped
# layers: seccomp landlock namespaces
path = f"/tmp/sandbox-attack-{os.getpid()}"
os.mkdir(path)
os.rmdir(path)
