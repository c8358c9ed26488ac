# Takes more memory than a guest may have.
# expect: stopped
# layers: rlimits
held = [bytearray(64 * 1024 * 1024) for _ in range(24)]
