"""Privileges: no capability, no way to gain one, no identity worth having.

Kernel's documentation: capabilities(7), prctl(2).
"""

import ctypes
import errno
import os
import struct

from sandbox.guest.kernel import checked, libc, prctl

_PR_SET_DUMPABLE = 4
_PR_CAPBSET_READ = 23
_PR_CAPBSET_DROP = 24
_PR_SET_SECUREBITS = 28
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4

# "root" means nothing, for ever: SECBIT_NOROOT, SECBIT_NO_SETUID_FIXUP, SECBIT_KEEP_CAPS off, each locked.
_SECUREBITS = 0b10_1111

_CAPABILITY_VERSION_3 = 0x2008_0522
_MOST_CAPABILITIES = 64

# The identity that owns nothing, on every Linux distribution.
_NOBODY = 65_534


def forbid_new() -> None:
    """Let nothing that this process executes gain a privilege: the kernel asks for it elsewhere."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def leave_root() -> str:
    """Become nobody if the host runs as root; say who the process is.

    Raises:
        OSError: root may not change its identity here.
    """
    if os.geteuid() != 0:
        return f"uid {os.geteuid()}"
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    return f"uid {_NOBODY}"


def drop_capabilities() -> None:
    """Give up every capability, also those over one's own namespaces, and what could bring one back.

    Raises:
        OSError: the kernel refuses.
    """
    try:
        prctl(_PR_SET_SECUREBITS, _SECUREBITS)
        for capability in range(_MOST_CAPABILITIES):
            if not _drop_from_bounding_set(capability):
                break
    except PermissionError:
        # Without CAP_SETPCAP there is nothing to drop: no_new_privs keeps it so.
        pass
    prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    head = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    none = ctypes.create_string_buffer(24)
    checked(libc().capset(head, none), "capset")


def hide_memory() -> None:
    """Let no process of the same user attach to this one or read its memory, and leave no core.

    Raises:
        OSError: the kernel refuses.
    """
    prctl(_PR_SET_DUMPABLE, 0)


def _drop_from_bounding_set(capability: int) -> bool:
    try:
        prctl(_PR_CAPBSET_READ, capability)
    except OSError as error:
        if error.errno == errno.EINVAL:
            return False
        raise
    prctl(_PR_CAPBSET_DROP, capability)
    return True
