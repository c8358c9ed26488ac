# Reads a file that its host left open.
# expect: stopped
# layers: process
for number in range(3, 256):
    try:
        os.pread(number, 1, 0)
        break
    except OSError:
        continue
else:
    raise PermissionError("there is none")
