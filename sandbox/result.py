"""How a call can end.

A call that ends badly is no exception: the author's code failing is an ordinary answer. Exceptions
are for the sandbox itself failing (see errors.py).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ConsoleText:
    """The code wrote one line on its console."""

    level: str
    text: str


class MisfitKind(StrEnum):
    """What JSON cannot hold."""

    CYCLE = "cycle"
    BIGINT = "bigint"
    UNDEFINED = "undefined"
    FUNCTION = "function"
    SYMBOL = "symbol"
    NUMBER = "number"
    DATE = "date"
    OBJECT = "object"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that JSON cannot hold, at its place in what the code returned.

    Args:
        path: the keys and indices that lead to it; long keys are cut.
        kind: what it is; NUMBER is none that JSON has, OBJECT is written as ``{}``.
        name: of the function or of the object's class, or how the number is written.
        back: of a CYCLE: how many levels up the same object stands.
        count: at how many places, which differ in indices alone, the like was found.
    """

    path: tuple[str | int, ...]
    kind: MisfitKind
    name: str = ""
    back: int = 0
    count: int = 1


# Not frozen, as the others are: there is one for each event, and freezing makes each four times as
# expensive (0.54 against 0.14 µs, of 15 that an event takes in all).
@dataclass(slots=True)
class Returned:
    """The code returned; ``output`` is JSON text, or None when it returned nothing or null.

    That it is JSON is the guest's word: whoever reads it must be ready for any bytes, of which there
    are no more than the limit. ``lost`` is what JSON left out or changed, where ``Limits.misfits``
    asks for it.
    """

    output: bytes | None
    console: tuple[ConsoleText, ...]
    duration_us: int
    lost: tuple[Misfit, ...] = ()


@dataclass(frozen=True, slots=True)
class Threw:
    """The code threw; line and column (from 1) lie in the user's own text, where they are known."""

    message: str
    line: int | None
    column: int | None
    console: tuple[ConsoleText, ...]
    duration_us: int


@dataclass(frozen=True, slots=True)
class SyntaxInvalid:
    """The code is no function body; line and column (from 1) lie in the user's own text."""

    message: str
    line: int
    column: int
    source_line: str


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The code was still running at its deadline, or awaits what can never happen."""

    limit_ms: int
    console: tuple[ConsoleText, ...] = ()
    never_settled: bool = False


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The code held more memory than it may."""

    limit_mb: int


@dataclass(frozen=True, slots=True)
class OutputTooLarge:
    """The code returned more JSON than may leave the sandbox."""

    size_bytes: int
    limit_bytes: int
    console: tuple[ConsoleText, ...] = ()


@dataclass(frozen=True, slots=True)
class NotJson:
    """The code returned what JSON cannot hold: a cycle, a BigInt, a function.

    ``misfit`` says where, unless it lies too deep or too far behind to be looked for.
    """

    message: str
    console: tuple[ConsoleText, ...] = ()
    misfit: Misfit | None = None


@dataclass(frozen=True, slots=True)
class Died:
    """The code brought its guest process down each time it ran alone."""

    description: str


Result: TypeAlias = (
    Returned | Threw | SyntaxInvalid | TimedOut | OutOfMemory | OutputTooLarge | NotJson | Died
)
