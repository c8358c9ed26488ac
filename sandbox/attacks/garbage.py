"""Attacks on the host by a guest that was taken over: what it says is data, and it really says it.

Such a guest is a process of its own on real pipes, against the host's own code. It says its first
answer unasked, where a guest says hello, and one more each time it has read a whole question.

An answer is a step, or a list of steps that follow each other:

==============================  ================================================================
``"hello"``                     that it is there, and names no layer
``"loaded"``, ``"unknown"`` …   the frame of that kind with an empty body
``{hex = "ff00"}``              these bytes
``{frame = 7, length = 9,``     a frame's head and body, of whatever kind, and of whatever length it
``hex = "00"}``                 claims (without one, of its own)
``{results = ["R[0,[]]", 1],``  these records, joined; ``count`` and ``elapsed_us`` can be given
``count = 1}``
``{stopped = 1, index = 0}``    stopped for a reason, at a call
``{invalid = "x", line = 1,``   no function body, for this reason
``column = 1}``
``{bytes = 100, of = 30}``      so many bytes of this value, or zeros
``{stderr = 100}``              so many bytes, on the other pipe
``{hold_mb = 100}``             so much memory is taken and kept
``{signal = "SIGKILL"}``        the process gets a signal, by its name or number
``{sleep_ms = 50}``             some time goes by
``"silence"``                   a minute goes by
``"close"``                     the pipe for answers is closed, the process lives
``"deafen"``                    the pipe for questions is closed
``"exit"``                      the process ends
``"fork"``                      it ends, and a child with a session of its own holds the pipes
``{repeat = step,``             a step again and again; without a number, for ever
``times = 2}``
==============================  ================================================================
"""

import json
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sandbox.attacks.attack import Attack
from sandbox.attacks.scripts import end_of
from sandbox.attacks.verdict import Finding
from sandbox.child import SpawnedChild
from sandbox.errors import GuestUnavailable
from sandbox.limits import Limits
from sandbox.pool import SandboxPool
from sandbox.process import GuestProcess
from sandbox.program import Call, Program
from sandbox.protocol import RECORDS_PER_RESULT, SEPARATOR, Hello, Invalid, Kind, Results, encode
from sandbox.seat import Seat

Step: TypeAlias = str | bytes | Mapping[str, Any]
Answer: TypeAlias = Step | Sequence[Step]

_UNAVAILABLE = "unavailable"

# Shorter than any real call's, so that the attacks that wait for them are over soon.
_LIMITS = Limits(timeout_ms=20, slice_ms=1)
_GRACE_MS = 5_000
_MOST_S = 10.0
_PROGRAM = Program(key="attack", code="return 1")
_CONTEXT = b'{"event_id":"evt_1","accepted_at":"2026-01-02T03:04:05.678Z"}'

# Reads answers, of which each is a list of simple acts, and does them.
_GUEST = """
import json, os, signal, sys, time

held = []

def write(file, data):
    while data:
        data = data[os.write(file, data):]

def read(size):
    data = b""
    while len(data) < size:
        piece = os.read(0, size - len(data))
        if not piece:
            os._exit(0)
        data += piece
    return data

def read_question():
    head = read(5)
    read(int.from_bytes(head[1:], "big"))

def fork():
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    time.sleep(2)
    os._exit(0)

def do(act, value):
    match act:
        case "write":
            write(1, bytes.fromhex(value))
        case "bytes":
            write(1, bytes(value[:1]) * value[1])
        case "stderr":
            write(2, bytes(value))
        case "sleep_ms":
            time.sleep(value / 1_000)
        case "hold_mb":
            held.append(bytes([1]) * (value << 20))
        case "signal":
            os.kill(os.getpid(), getattr(signal, value) if isinstance(value, str) else value)
        case "close":
            os.close(1)
        case "deafen":
            os.close(0)
        case "exit":
            os._exit(0)
        case "fork":
            fork()
        case "repeat":
            acts, times = value
            while times is None or times > 0:
                for each in acts:
                    do(*each)
                times = None if times is None else times - 1

for number, answer in enumerate(json.loads(sys.argv[1])):
    if number > 0:
        read_question()
    for each in answer:
        do(*each)
"""


def start_guest(*answers: Answer, most_resident_bytes: int = 2**63) -> GuestProcess:
    """Start a guest that says these answers.

    Args:
        answers: the first of them unasked, each other one after a question.
        most_resident_bytes: memory at which it is killed.

    Raises:
        GuestUnavailable: the first answer is not hello.
    """
    acts = json.dumps([_acts(answer) for answer in answers])
    child = SpawnedChild([sys.executable, "-I", "-S", "-c", _GUEST, acts])
    return GuestProcess(child, most_resident_bytes=most_resident_bytes)


def run_garbage(attack: Attack, _pool: SandboxPool) -> Finding:
    """Run a `.toml` attack and say how the first of its calls ended.

    Its keys: ``answers``; ``calls`` and ``payload_bytes`` (1 and 2), which make the batch;
    ``grace_ms``, how much later than its limits a guest may answer, for those that never will.
    """
    order = tomllib.loads(attack.text)
    call = Call(b'"' + b"x" * (order.get("payload_bytes", 2) - 2) + b'"', b"{}", _CONTEXT)
    seat = Seat(
        lambda: start_guest(*order["answers"]), grace_s=order.get("grace_ms", _GRACE_MS) / 1_000
    )
    started = time.monotonic()
    try:
        results = seat.run(_PROGRAM, [call] * order.get("calls", 1), attack.limits(_LIMITS))
        end = end_of(results[0])
    except GuestUnavailable:
        end = _UNAVAILABLE
    finally:
        seat.close()
    took_s = time.monotonic() - started
    if took_s > _MOST_S:
        return Finding(held=False, found=f"{end}, after {took_s:.1f} s")
    # Why it died need not be said, where two checks race to find it out.
    held = end == attack.expect or end.startswith(f"{attack.expect} ")
    return Finding(held=held, found=end)


def _acts(answer: Answer) -> list[tuple[str, Any]]:
    """Take an answer apart into what the guest's own script knows."""
    steps = [answer] if isinstance(answer, str | bytes | Mapping) else answer
    acts: list[tuple[str, Any]] = []
    for name, value in map(_act, steps):
        # What follows each other at once is written at once, so that it also arrives at once.
        if name == "write" and acts and acts[-1][0] == "write":
            acts[-1] = (name, acts[-1][1] + value)
        else:
            acts.append((name, value))
    return acts


def _act(step: Step) -> tuple[str, Any]:  # noqa: C901, PLR0911, PLR0912 - one return a kind of step
    match step:
        case bytes():
            return "write", step.hex()
        case "silence":
            return "sleep_ms", 60_000
        case "close" | "deafen" | "exit" | "fork":
            return step, None
        case "hello":
            return "write", Hello(()).encode().hex()
        case str():
            return "write", encode(Kind[step.upper()]).hex()
        case {"frame": kind, "hex": text}:
            body = bytes.fromhex(text)
            length = step.get("length", len(body))
            return "write", (bytes([kind]) + length.to_bytes(4, "big") + body).hex()
        case {"hex": text}:
            return "write", text
        case {"results": records}:
            joined = SEPARATOR.join(str(record).encode() for record in records)
            count = step.get("count", len(records) // RECORDS_PER_RESULT)
            return "write", Results(step.get("elapsed_us", 0), count, joined).encode().hex()
        case {"stopped": reason, "index": index}:
            body = bytes([reason]) + index.to_bytes(4, "big")
            return "write", encode(Kind.STOPPED, body).hex()
        case {"invalid": message, "line": line, "column": column}:
            return "write", Invalid(message, line, column).encode().hex()
        case {"bytes": size}:
            return "bytes", (step.get("of", 0), size)
        case {"stderr": size}:
            return "stderr", size
        case {"hold_mb": size}:
            return "hold_mb", size
        case {"signal": number}:
            return "signal", number
        case {"sleep_ms": ms}:
            return "sleep_ms", ms
        case {"repeat": again}:
            return "repeat", (_acts(again), step.get("times"))
        case _:
            raise ValueError(f"An answer has no such step: {step!r}.")
