"""What can fail in the sandbox itself, as opposed to in the code it runs (see result.py).

::

    SandboxError
    ├── GuestUnavailable    no guest process could be started; trying again later may help
    │   └── IsolationMissing    a layer that is required is not to be had on this machine
    ├── ZygoteGone          the process that guests are forked from has ended; stays inside
    ├── GuestGone           a guest ended or was killed; stays inside this package
    └── ProtocolViolated    a guest sent what the protocol does not allow; stays inside this package
"""


class SandboxError(Exception):
    """Base of all errors of this package; never raised itself."""


class GuestUnavailable(SandboxError):
    """No guest process could be started."""


class IsolationMissing(GuestUnavailable):
    """A layer that is required is not to be had on this machine."""


class ZygoteGone(SandboxError):
    """The process that guests are forked from has ended, and all its guests with it."""


class GuestGone(SandboxError):
    """The guest process ended or was killed before it answered.

    Args:
        description: how it ended, for people.
        out_of_memory: whether V8 or the C library gave up for want of memory.
        late: whether the host killed it at the deadline.
        forbidden: whether the kernel ended it for a system call that it may not make.
    """

    def __init__(
        self,
        description: str,
        *,
        out_of_memory: bool = False,
        late: bool = False,
        forbidden: bool = False,
    ) -> None:
        super().__init__(description)
        self.description = description
        self.out_of_memory = out_of_memory
        self.late = late
        self.forbidden = forbidden


class ProtocolViolated(SandboxError):
    """The other side sent what the protocol does not allow."""
