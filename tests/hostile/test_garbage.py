"""A guest that was taken over says what it likes: its host is neither fooled nor held up."""

import sys

import pytest

from sandbox import Died, GuestUnavailable, Limits, TimedOut
from sandbox.process import GuestProcess
from sandbox.protocol import MOST_BODY_BYTES, UNKNOWN_CALL, Kind, Reason, Results, Stopped, encode
from sandbox.seat import Seat
from tests.hostile.sandboxes import make_call, program

LOADED = encode(Kind.LOADED)
ANSWERS = {
    "a kind that is none": b"\xff\0\0\0\0",
    "a body without end": bytes([Kind.RESULTS]) + (MOST_BODY_BYTES + 1).to_bytes(4, "big"),
    "two answers": LOADED + LOADED,
    "an answer and a half": LOADED + b"\x01",
    "the wrong answer": encode(Kind.LOADED),
    "hello again": encode(Kind.HELLO),
    "no results": Results(1, 1, b"").encode(),
    "too many results": Results(1, 3, b"R[0,[]]\x1e1\x1e" * 3 + b"\x1e").encode(),
    "results that are no JSON": Results(1, 1, b"E[0,\x1e").encode(),
    "a pickle": Results(1, 1, b"cos\nsystem\n(S'exit'\ntR.\x1e1").encode(),
    "an unknown reason": encode(Kind.STOPPED, b"\x09\0\0\0\0"),
    "a body that is cut short": encode(Kind.STOPPED, b"\x01"),
    "nothing and the end": b"",
}

# Says hello, then for each frame that arrives what its arguments say, in order.
_SCRIPT = """
import os, sys, time
os.write(1, bytes.fromhex(sys.argv[1]))
for answer in sys.argv[2:]:
    os.read(0, 1 << 20)
    if answer == "silence":
        time.sleep(60)
    os.write(1, bytes.fromhex(answer))
"""


def start(*answers: bytes | str) -> GuestProcess:
    words = [answer if isinstance(answer, str) else answer.hex() for answer in answers]
    return GuestProcess([sys.executable, "-I", "-S", "-c", _SCRIPT, *words])


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_whatever_a_guest_answers_the_call_died(answer: bytes) -> None:
    seat = Seat(lambda: start(encode(Kind.HELLO), LOADED, answer))
    [result] = seat.run(program("return 1"), [make_call()], Limits())
    seat.close()
    assert isinstance(result, Died)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_guest_that_was_garbled_is_replaced_by_another(answer: bytes) -> None:
    guests = iter(
        [
            start(encode(Kind.HELLO), LOADED, answer),
            start(encode(Kind.HELLO), LOADED, Results(1, 1, b"R[0,[]]\x1e1").encode()),
        ]
    )
    seat = Seat(lambda: next(guests))
    [result] = seat.run(program("return 1"), [make_call()], Limits())
    seat.close()
    assert getattr(result, "output", None) == b"1"


def test_a_guest_that_says_nothing_is_killed_at_the_deadline() -> None:
    started = []

    def start_silent() -> GuestProcess:
        started.append(start(encode(Kind.HELLO), LOADED, "silence"))
        return started[-1]

    seat = Seat(start_silent, grace_s=0.2)
    result = seat.run(program("return 1"), [make_call()], Limits(timeout_ms=50, slice_ms=1))
    seat.close()
    assert result == [TimedOut(50)]


def test_a_guest_that_blames_nobody_is_asked_about_each_call_alone() -> None:
    lie = Stopped(Reason.TIME, UNKNOWN_CALL).encode()
    seat = Seat(lambda: start(encode(Kind.HELLO), LOADED, lie))
    results = seat.run(program("return 1"), [make_call(), make_call()], Limits())
    seat.close()
    # Alone there is nobody else to blame.
    assert results == [TimedOut(Limits().timeout_ms)]


@pytest.mark.parametrize("hello", [LOADED, b"\xff\xff\xff\xff\xff", b""])
def test_a_process_that_does_not_say_hello_is_no_guest(hello: bytes) -> None:
    with pytest.raises(GuestUnavailable):
        start(hello)


def test_a_command_that_does_not_exist_is_no_guest() -> None:
    with pytest.raises(GuestUnavailable, match="could be started"):
        GuestProcess(["/nowhere/python"])
