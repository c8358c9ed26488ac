"""What host and guest say to each other: frames on two pipes. No I/O here.

A frame is a kind (one byte), the length of the body (four bytes, big-endian) and the body. The host
trusts no frame: kinds are a closed set, bodies are bounded before they are held, fields are fixed
structs, and text is text — nothing is ever unpickled or evaluated.

::

    host                         guest
                      ◄──  HELLO
    LOAD              ──►
                      ◄──  LOADED | INVALID
    RUN               ──►
                      ◄──  RESULTS | STOPPED (and the guest exits) | UNKNOWN (load it first)
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sandbox.errors import ProtocolViolated
from sandbox.limits import Limits

VERSION = 1
MOST_BODY_BYTES = 128 * 1_048_576
SEPARATOR = b"\x1e"  # joins records; JSON text cannot contain it
KEY_BYTES = 32
RECORDS_PER_CALL = 3
RECORDS_PER_RESULT = 2
UNKNOWN_CALL = 0xFFFF_FFFF

_HEAD = struct.Struct("!BI")
_LOAD = struct.Struct(f"!{KEY_BYTES}sII")
_RUN = struct.Struct(f"!{KEY_BYTES}sIIIIIIII")
_RESULTS = struct.Struct("!QI")
_STOPPED = struct.Struct("!BI")


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
    length = sum(map(len, parts))
    if length > MOST_BODY_BYTES:
        raise ProtocolViolated(f"A body of {length} bytes is longer than any may be.")
    return b"".join((_HEAD.pack(kind, length), *parts))


class FrameReader:
    """Cuts frames out of bytes that arrive in pieces of any size."""

    def __init__(self) -> None:
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
            if length > MOST_BODY_BYTES:
                raise ProtocolViolated(f"A body of {length} bytes is longer than any may be.")
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
    """The program is no function body."""

    message: str
    line: int
    column: int
    source_line: str

    def encode(self) -> bytes:
        """Make the bytes of the frame."""
        fields = [self.message, self.line, self.column, self.source_line]
        return encode(Kind.INVALID, json.dumps(fields).encode())

    @classmethod
    def decode(cls, body: bytes) -> "Invalid":
        """Read a body."""
        match _read_json(body):
            case [str(message), int(line), int(column), str(source_line)]:
                return cls(message, line, column, source_line)
            case _:
                raise ProtocolViolated("An INVALID frame has other fields.")


@dataclass(frozen=True, slots=True)
class Run:
    """Run the program of this key on ``count`` calls; ``text`` is their joined records."""

    key: bytes
    limits: Limits
    count: int
    text: bytes

    def encode(self) -> bytes:
        """Make the bytes of the frame."""
        limits = self.limits
        head = _RUN.pack(
            self.key,
            limits.timeout_ms,
            limits.heap_mb,
            limits.output_bytes,
            limits.console_lines,
            limits.console_bytes,
            limits.slice_ms,
            limits.misfits,
            self.count,
        )
        return encode(Kind.RUN, head, self.text)

    @classmethod
    def decode(cls, body: bytes) -> "Run":
        """Read a body."""
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
        reason, index = _unpack(_STOPPED, body)
        if reason not in Reason.__members__.values():
            raise ProtocolViolated(f"There is no reason {reason} to stop.")
        return cls(Reason(reason), index)


def _unpack(form: struct.Struct, body: bytes) -> tuple[Any, ...]:
    if len(body) < form.size:
        raise ProtocolViolated("A body is shorter than its fixed part.")
    return form.unpack_from(body)


def _read_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise ProtocolViolated("A body that should be JSON is not.") from error
