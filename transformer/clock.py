"""Time, handed in: whoever needs to know the time takes a :class:`Clock`.

Wall time is aware UTC and is for what people read and the store keeps; durations use the
monotonic clock, which no one can set back.
"""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time: the machine's clock, or a test's."""

    def now(self) -> datetime:
        """Return the wall time, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow; their zero means nothing."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the wall time, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that only ever grow; their zero means nothing."""
        return time.monotonic()


def to_text(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC with milliseconds, as JavaScript's ``toISOString`` does."""
    # Not strftime: the C library looks at /etc/localtime each time, 5 to 20 µs for nothing.
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def from_text(text: str) -> datetime:
    """Read what :func:`to_text` wrote."""
    return datetime.fromisoformat(text)
