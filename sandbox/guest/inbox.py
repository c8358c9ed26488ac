"""What the host says, frame by frame, in memory that is used again and again.

A batch is half a megabyte. Taking it in pieces, putting them together and cutting it out cost as much
as running a small program on it: most of that was the kernel handing out fresh pages each time. The
host is trusted here, so nothing is checked that the host would not get wrong.
"""

import os

from sandbox.protocol import HEAD_BYTES, Kind, read_head

_USUAL_BYTES = 65_536


class Inbox:
    """Reads frames from a pipe.

    Args:
        fd: the pipe's end.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._memory = bytearray(_USUAL_BYTES)

    def read(self) -> tuple[Kind, memoryview] | None:
        """Wait for a frame; give its kind and its body, or None when there are no more.

        The body is valid until the next call.
        """
        head = memoryview(self._memory)[:HEAD_BYTES]
        if not self._fill(head):
            return None
        kind, length = read_head(head)
        if length > len(self._memory):
            # Whatever still looks at the old memory keeps it.
            self._memory = bytearray(length)
        body = memoryview(self._memory)[:length]
        return (kind, body) if self._fill(body) else None

    def shrink(self) -> None:
        """Let go of what a large batch took."""
        self._memory = bytearray(_USUAL_BYTES)

    def _fill(self, place: memoryview) -> bool:
        while place:
            count = os.readv(self._fd, [place])
            if count == 0:
                return False
            place = place[count:]
        return True
