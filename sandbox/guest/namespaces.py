"""Namespaces: a network without interfaces, a root without files, nobody to talk to.

Kernel's documentation: namespaces(7), user_namespaces(7).
"""

import errno
import os
import tempfile

from sandbox.guest.kernel import checked, libc

_NEW_MOUNTS = 0x0002_0000
_NEW_CGROUP = 0x0200_0000
_NEW_HOSTNAME = 0x0400_0000
_NEW_IPC = 0x0800_0000
_NEW_USER = 0x1000_0000
_NEW_NETWORK = 0x4000_0000
_OWN = _NEW_USER | _NEW_NETWORK | _NEW_MOUNTS | _NEW_IPC | _NEW_HOSTNAME | _NEW_CGROUP


def make_empty_root() -> int | None:
    """Open a folder that is removed at once: nothing is in it, and nothing can be put there.

    None where no folder can be made, as on a file system that is all read-only.
    """
    try:
        path = tempfile.mkdtemp(prefix="sandbox-root-")
    except OSError:
        return None
    os.chmod(path, 0o555)  # noqa: PTH101, S103 - whoever the guest becomes must be able to enter
    root_fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    os.rmdir(path)  # noqa: PTH106
    return root_fd


def enter(root_fd: int | None) -> str:
    """Move into namespaces of one's own, rooted in an empty folder; say which.

    Must come before any thread is started. Inside, the process holds every capability over what is
    in its namespaces: :mod:`sandbox.guest.privileges` has to take them away afterwards.

    Args:
        root_fd: what :func:`make_empty_root` gave; closed here.

    Raises:
        OSError: this kernel, or what the host runs in (a container), does not allow it; or there
            is no empty root.
    """
    if root_fd is None:
        raise OSError(errno.EROFS, "no folder can be made that could be an empty root")
    checked(libc().unshare(_OWN), "unshare")
    os.fchdir(root_fd)
    os.chroot(".")
    os.close(root_fd)
    return "own user, network, mounts, IPC, host name, cgroup; an empty root"
