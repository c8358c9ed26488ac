"""Landlock: no path, no TCP port, no process outside, for this thread and all that it starts.

The rule set grants nothing at all. What the guest needs is open before: three pipes and the figures
of its own memory. Kernel's documentation: Documentation/userspace-api/landlock.rst.
"""

import ctypes
import os

from sandbox.guest.kernel import syscall

# The same on every architecture.
_CREATE_RULESET = 444
_RESTRICT_SELF = 446
_CREATE_RULESET_VERSION = 1

# How many rights of the file system each version of the interface knows; index 0 is unused.
_FILE_RIGHTS = (0, 13, 14, 15, 15, 16, 16, 16)
_NETWORK_VERSION = 4  # bind and connect TCP
_SCOPE_VERSION = 6  # abstract Unix sockets, signals


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


def restrict() -> str:
    """Give up every path, port and process there is; say which version of the interface did it.

    Needs ``no_new_privs``, and must come before any thread is started.

    Raises:
        OSError: the kernel has no Landlock, or it is switched off.
    """
    version = syscall(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    rights = _FILE_RIGHTS[min(version, len(_FILE_RIGHTS) - 1)]
    attributes = _RulesetAttributes(
        handled_access_fs=(1 << rights) - 1,
        handled_access_net=0b11 if version >= _NETWORK_VERSION else 0,
        scoped=0b11 if version >= _SCOPE_VERSION else 0,
    )
    # An older kernel refuses fields it does not know, so only as many are passed as it knows.
    fields = 3 if version >= _SCOPE_VERSION else 2 if version >= _NETWORK_VERSION else 1
    pointer = ctypes.cast(ctypes.pointer(attributes), ctypes.c_void_p)
    ruleset = syscall(_CREATE_RULESET, pointer, fields * 8, 0)
    try:
        syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return f"version {version}"
