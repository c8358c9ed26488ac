"""What a guest takes away from itself, after V8 is loaded and before it has run any JavaScript.

Nothing here can be undone by the process, and nothing needs a privilege. A step that this machine
does not allow is left out and reported: whether that will do is the host's decision.
"""

import os
import resource
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sandbox.guest import landlock, namespaces, privileges, seccomp
from sandbox.guest.kernel import die_with
from sandbox.layers import Layer, LayerState

_LINUX = sys.platform == "linux"
_EVERYWHERE = frozenset({Layer.PROCESS, Layer.RLIMITS})

_OPEN_FILES = 16
_HIGHEST_FD = 65_536
_NICE = 5
_INPUT, _OUTPUT, _ERRORS = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Confinement:
    """What to confine a guest to.

    ``layers`` are the ones wanted; ``data_mb`` is the most memory to write in (V8 reserves far more
    address space than it uses, hence RLIMIT_DATA and not RLIMIT_AS); ``parent_pid`` is the process
    that this one must not outlive; ``root_fd`` is an empty folder, see :func:`sandbox.guest.namespaces.make_empty_root`.
    """

    layers: Collection[Layer]
    data_mb: int
    parent_pid: int
    root_fd: int | None


def confine(confinement: Confinement, *, kept_fds: Collection[int | None]) -> list[LayerState]:
    """Take everything away; say of each layer whether it is in force now.

    ``kept_fds`` stay open, beside the three pipes.

    The order matters: entering namespaces takes a process without threads and gives capabilities
    that the next step drops; changing the identity clears the tie to the parent; seccomp forbids
    all that the steps before it do.
    """
    left_root = _Once(privileges.leave_root)
    steps: dict[Layer, Callable[[], str]] = {
        Layer.PROCESS: lambda: _stand_alone(
            {fd for fd in (confinement.root_fd, *kept_fds) if fd is not None}
        ),
        Layer.RLIMITS: lambda: _lower_limits(confinement),
        Layer.NAMESPACES: lambda: namespaces.enter(confinement.root_fd),
        Layer.PRIVILEGES: lambda: _drop_privileges(left_root),
        Layer.LANDLOCK: landlock.restrict,
        Layer.SECCOMP: seccomp.restrict,
    }
    if _LINUX:
        privileges.forbid_new()  # three of the layers need it
        if Layer.PRIVILEGES in confinement.layers:
            left_root.attempt()  # an identity cannot be changed any more inside namespaces
    states = []
    for layer, step in steps.items():
        if layer is Layer.LANDLOCK:
            # Changing the identity would untie it again; Landlock may forbid the parent's signal.
            die_with(confinement.parent_pid)
        states.append(_apply(layer, step, confinement.layers))
    return states


def _apply(layer: Layer, step: Callable[[], str], wanted: Collection[Layer]) -> LayerState:
    if layer not in wanted:
        return LayerState(layer, in_force=False, detail="switched off")
    if not _LINUX and layer not in _EVERYWHERE:
        return LayerState(layer, in_force=False, detail="only Linux has it")
    try:
        return LayerState(layer, in_force=True, detail=step())
    except OSError as error:
        return LayerState(layer, in_force=False, detail=error.strerror or str(error))


class _Once:
    """A step that is taken at one time, and whose end is told at another."""

    def __init__(self, step: Callable[[], str]) -> None:
        self._step = step
        self._detail = ""
        self._error: OSError | None = None

    def attempt(self) -> None:
        try:
            self._detail = self._step()
        except OSError as error:
            self._error = error

    def result(self) -> str:
        if self._error is not None:
            raise self._error
        return self._detail


def _stand_alone(kept_fds: set[int]) -> str:
    os.setsid()
    os.umask(0o777)
    os.chdir("/")
    os.nice(_NICE)
    _close_all_but({_INPUT, _OUTPUT, _ERRORS} | kept_fds)
    return "own session, three pipes, nothing else open"


def _close_all_but(kept: set[int]) -> None:
    first = 0
    for number in (*sorted(kept), _HIGHEST_FD):
        # An empty range must not be asked for: Python would close everything.
        if first < number:
            os.closerange(first, number)
        first = number + 1


def _lower_limits(confinement: Confinement) -> str:
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_DATA, confinement.data_mb * 1_048_576)
    return f"{confinement.data_mb} MB to write in, no core, no file growth"


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(kind, (limit, limit))


def _drop_privileges(left_root: _Once) -> str:
    privileges.drop_capabilities()
    privileges.hide_memory()
    return f"{left_root.result()}, no capabilities, no new privileges, memory hidden"
