"""Executes a command where no namespaces can be made, as in a container with its usual rules.

python -m tests.support.confined_main COMMAND…
"""

import ctypes
import errno
import os
import platform
import struct
import sys

from sandbox.guest.kernel import prctl

_UNSHARE = {"x86_64": 272, "aarch64": 97}
_LOAD_NUMBER = struct.pack("=HBBI", 0x20, 0, 0, 0)
_RETURN_ALLOW = struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF_0000)
_RETURN_EPERM = struct.pack("=HBBI", 0x06, 0, 0, 0x0005_0000 | errno.EPERM)


def main() -> None:
    only_unshare = struct.pack("=HBBI", 0x15, 0, 1, _UNSHARE[platform.machine()])
    instructions = (_LOAD_NUMBER, only_unshare, _RETURN_EPERM, _RETURN_ALLOW)
    code = ctypes.create_string_buffer(b"".join(instructions))
    program = ctypes.create_string_buffer(
        struct.pack("=H6xQ", len(instructions), ctypes.addressof(code))
    )
    prctl(38, 1)  # PR_SET_NO_NEW_PRIVS, which filters need
    prctl(22, 2, ctypes.addressof(program))  # PR_SET_SECCOMP
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606


if __name__ == "__main__":
    main()
