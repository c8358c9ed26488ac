"""What host and guest say to each other: frames on two pipes. No I/O here.

A frame is a kind (one byte), the length of the body (four bytes, big-endian) and the body. The host
trusts no frame: kinds are a closed set, a body is bounded by what was asked before any of it is held,
fields are fixed structs, and text is text — nothing is ever unpickled or evaluated. What the records
in RESULTS must look like is decided in records.py.

::

    host                         guest
                      ◄──  HELLO
    LOAD              ──►
                      ◄──  LOADED | INVALID
    RUN               ──►
                      ◄──  RESULTS | STOPPED (and the guest exits) | UNKNOWN (load it first)

The process that guests are forked from, the zygote, is asked over a socket with one number a
question, and answers with one. It runs no JavaScript, and is trusted like the host.

::

    host                         zygote
                      ◄──  its process id: V8 is loaded
    FORK, three pipes ──►
                      ◄──  the guest's process id, or minus errno
    a guest's id      ──►
                      ◄──  its exit code, or minus the signal: until then the id is not used again
"""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sandbox.errors import ProtocolViolated
from sandbox.layers import Layer, LayerState
from sandbox.limits import Limits

MOST_BODY_BYTES = 128 * 1_048_576  # of any frame; what the host takes as an answer is far less
MOST_HELLO_BYTES = 16_384
SEPARATOR = b"\x1e"  # joins records; JSON text cannot contain it
KEY_BYTES = 32
RECORDS_PER_RESULT = 2
UNKNOWN_CALL = 0xFFFF_FFFF
LONGEST_MESSAGE = 2_000  # characters; prelude.js cuts there as well
LAST_LINE_BYTES = 64  # the line in which prelude.js says that a console was cut, beyond its limits

# A batch ends early when so many UTF-16 units wait in driver.js, and a unit is at most three bytes.
_MOST_WAITING_BYTES = 3 * 4_194_304
_ESCAPED = 6  # the most bytes of JSON that one byte of a text becomes
_LINE_BYTES = 16  # what stands around the text of a console line
MISFIT_LEVELS = 65  # keys and indices that lead to a misfit; misfits.js goes no deeper
MISFIT_NAME = 100  # characters of each of them; misfits.js cuts there as well
_NUMBERS_BYTES = 128  # kind, numbers and brackets of a record

NUMBER = struct.Struct("!i")
FORK = 0
PIPES = 3

_HEAD = struct.Struct("!BI")
_LOAD = struct.Struct(f"!{KEY_BYTES}sII")
_RUN = struct.Struct(f"!{KEY_BYTES}sIIIIIIII")
_RESULTS = struct.Struct("!QI")
_STOPPED = struct.Struct("!BI")
_INVALID = struct.Struct("!II")

# Whichever answer a program being loaded may get.
MOST_LOADED_BYTES = _INVALID.size + 4 * LONGEST_MESSAGE


class Kind(IntEnum):
    """What a frame says."""

    HELLO = 1
    LOAD = 2
    LOADED = 3
    INVALID = 4
    UNKNOWN = 5
    RUN = 6
    RESULTS = 7
    STOPPED = 8


class Reason(IntEnum):
    """Why a guest stopped in the middle of a batch."""

    TIME = 1
    MEMORY = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """One message, its body not yet read."""

    kind: Kind
    body: bytes


def encode(kind: Kind, *parts: bytes) -> bytes:
    """Make the bytes of a frame."""
    return b"".join((_head(kind, sum(map(len, parts))), *parts))


def _head(kind: Kind, length: int) -> bytes:
    if length > MOST_BODY_BYTES:
        raise ProtocolViolated(f"A body of {length} bytes is longer than any may be.")
    return _HEAD.pack(kind, length)


def most_console_lines(limits: Limits) -> int:
    """Say how many lines a call's console may have: each costs a byte at least."""
    return min(limits.console_lines, limits.console_bytes) + 1


def most_record_bytes(limits: Limits) -> int:
    """Say how long the record of one result may be, without its output."""
    lines = most_console_lines(limits)
    texts = limits.console_bytes + LAST_LINE_BYTES + LONGEST_MESSAGE
    misfit = (MISFIT_LEVELS + 1) * (_LINE_BYTES + _ESCAPED * MISFIT_NAME)
    # The one that makes JSON impossible is told whether others are looked for or not.
    misfits = max(1, limits.misfits) * misfit
    return _NUMBERS_BYTES + _LINE_BYTES * lines + _ESCAPED * texts + misfits


def most_results_bytes(limits: Limits, count: int) -> int:
    """Say how long the body of RESULTS may be for so many calls."""
    call = most_record_bytes(limits) + limits.output_bytes + RECORDS_PER_RESULT * len(SEPARATOR)
    separators = count * RECORDS_PER_RESULT * len(SEPARATOR)
    return _RESULTS.size + min(count * call, _MOST_WAITING_BYTES + separators + call)


HEAD_BYTES = _HEAD.size


def read_head(head: bytes | memoryview) -> tuple[Kind, int]:
    """Read what stands before a body: the kind of the frame, and the body's length."""
    kind, length = _HEAD.unpack(head)
    return Kind(kind), length


class FrameReader:
    """Cuts frames out of bytes that arrive in pieces of any size.

    Args:
        most_body_bytes: the longest body to take; may be set anew between two frames.
    """

    def __init__(self, *, most_body_bytes: int = MOST_BODY_BYTES) -> None:
        self.most_body_bytes = most_body_bytes
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take the next piece; yield the frames that are whole now.

        Raises:
            ProtocolViolated: what arrived is no frame, or a body is too long.
        """
        self._held += data
        while len(self._held) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._held)
            if kind not in Kind.__members__.values():
                raise ProtocolViolated(f"There is no frame of kind {kind}.")
            if length > self.most_body_bytes:
                raise ProtocolViolated(f"A body of {length} bytes is longer than it may be.")
            end = _HEAD.size + length
            if len(self._held) < end:
                return
            body = bytes(memoryview(self._held)[_HEAD.size : end])
            del self._held[:end]
            yield Frame(Kind(kind), body)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left over."""
        return not self._held


@dataclass(frozen=True, slots=True)
class Hello:
    """The guest is there, and these layers are in force in it or not."""

    layers: tuple[LayerState, ...]

    def encode(self) -> bytes:
        """Make the bytes of the frame."""
        fields = [[state.layer, state.in_force, state.detail] for state in self.layers]
        return encode(Kind.HELLO, json.dumps(fields).encode())

    @classmethod
    def decode(cls, body: bytes) -> "Hello":
        """Read a body."""
        match _read_json(body):
            case [*fields]:
                return cls(tuple(map(_layer_state, fields)))
            case _:
                raise ProtocolViolated("A HELLO frame has other fields.")


def _layer_state(field: Any) -> LayerState:
    match field:
        case [str(name), bool(in_force), str(detail)] if name in Layer.__members__.values():
            return LayerState(Layer(name), in_force=in_force, detail=detail)
        case _:
            raise ProtocolViolated("A HELLO frame names a layer that there is not.")


@dataclass(frozen=True, slots=True)
class Load:
    """Compile this program and keep it under this key."""

    key: bytes
    code: str
    context: bytes

    def encode(self) -> bytes:
        """Make the bytes of the frame."""
        code = self.code.encode("utf-8", "surrogatepass")
        head = _LOAD.pack(self.key, len(code), len(self.context))
        return encode(Kind.LOAD, head, code, self.context)

    @classmethod
    def decode(cls, body: bytes) -> "Load":
        """Read a body."""
        key, code_bytes, context_bytes = _unpack(_LOAD, body)
        code_end = _LOAD.size + code_bytes
        if len(body) != code_end + context_bytes:
            raise ProtocolViolated("The lengths in a LOAD frame do not add up.")
        code = body[_LOAD.size : code_end].decode("utf-8", "replace")
        return cls(key, code, body[code_end:])


@dataclass(frozen=True, slots=True)
class Invalid:
    """The program is no function body; line and column are from 1, 0 where they are not known."""

    message: str
    line: int
    column: int

    def encode(self) -> bytes:
        """Make the bytes of the frame."""
        message = self.message[:LONGEST_MESSAGE].encode("utf-8", "replace")
        return encode(Kind.INVALID, _INVALID.pack(self.line, self.column), message)

    @classmethod
    def decode(cls, body: bytes) -> "Invalid":
        """Read a body."""
        line, column = _unpack(_INVALID, body)
        try:
            message = body[_INVALID.size :].decode()
        except UnicodeDecodeError as error:
            raise ProtocolViolated("The message in an INVALID frame is no text.") from error
        if len(message) > LONGEST_MESSAGE:
            raise ProtocolViolated("The message in an INVALID frame is longer than it may be.")
        return cls(message, line, column)


def encode_run(key: bytes, limits: Limits, count: int, records: Sequence[bytes]) -> bytes:
    """Make the bytes of a RUN frame from the records of its calls, which are copied only once.

    A call's records are its payload, its context, and its headers if the program can see them.

    Raises:
        ValueError: a record is not JSON text, for it contains the separator.
    """
    fixed = _RUN.pack(
        key,
        limits.timeout_ms,
        limits.heap_mb,
        limits.output_bytes,
        limits.console_lines,
        limits.console_bytes,
        limits.slice_ms,
        limits.misfits,
        count,
    )
    length = len(fixed) + sum(map(len, records)) + len(SEPARATOR) * (len(records) - 1)
    first, *others = records
    frame = SEPARATOR.join((_head(Kind.RUN, length) + fixed + first, *others))
    # One look at all of them: at each it took a tenth of the host's time.
    if frame.count(SEPARATOR, HEAD_BYTES + len(fixed)) != len(others):
        raise ValueError("A call's part is not JSON text: it contains U+001E.")
    return frame


@dataclass(frozen=True, slots=True)
class Run:
    """Run the program of this key on ``count`` calls; ``text`` is their joined records."""

    key: bytes
    limits: Limits
    count: int
    text: bytes | memoryview

    def encode(self) -> bytes:
        """Make the bytes of the frame."""
        return encode_run(self.key, self.limits, self.count, bytes(self.text).split(SEPARATOR))

    @classmethod
    def decode(cls, body: bytes | memoryview) -> "Run":
        """Read a body; ``text`` is a part of it, not a copy."""
        key, *numbers, count = _unpack(_RUN, body)
        return cls(key, Limits(*numbers), count, body[_RUN.size :])


@dataclass(frozen=True, slots=True)
class Results:
    """How the first ``count`` calls of the batch ended; ``text`` is their joined records."""

    elapsed_us: int
    count: int
    text: bytes

    def encode(self) -> bytes:
        """Make the bytes of the frame."""
        return encode(Kind.RESULTS, _RESULTS.pack(self.elapsed_us, self.count), self.text)

    @classmethod
    def decode(cls, body: bytes) -> "Results":
        """Read a body."""
        elapsed_us, count = _unpack(_RESULTS, body)
        return cls(elapsed_us, count, body[_RESULTS.size :])


@dataclass(frozen=True, slots=True)
class Stopped:
    """A limit stopped the guest while this call ran; ``UNKNOWN_CALL`` when none can be blamed."""

    reason: Reason
    index: int

    def encode(self) -> bytes:
        """Make the bytes of the frame."""
        return encode(Kind.STOPPED, _STOPPED.pack(self.reason, self.index))

    @classmethod
    def decode(cls, body: bytes) -> "Stopped":
        """Read a body."""
        reason, index = _unpack_whole(_STOPPED, body)
        if reason not in Reason.__members__.values():
            raise ProtocolViolated(f"There is no reason {reason} to stop.")
        return cls(Reason(reason), index)


def _unpack(form: struct.Struct, body: bytes | memoryview) -> tuple[Any, ...]:
    if len(body) < form.size:
        raise ProtocolViolated("A body is shorter than its fixed part.")
    return form.unpack_from(body)


def _unpack_whole(form: struct.Struct, body: bytes) -> tuple[Any, ...]:
    if len(body) != form.size:
        raise ProtocolViolated("A body has another length than its fields.")
    return form.unpack(body)


def _read_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProtocolViolated("A body that should be JSON is not.") from error
