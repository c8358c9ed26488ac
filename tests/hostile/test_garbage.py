"""A guest that was taken over says what it likes: its host is neither fooled nor held up.

The guests here are processes of their own on real pipes; sandbox/attacks/garbage.py says how what
they do is written. Many more attacks of this kind are in sandbox/attacks/corpus/protocol.
"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Died, GuestUnavailable, Limits, Result, Returned, SyntaxInvalid, TimedOut
from sandbox.attacks.garbage import Answer, Step, start_guest
from sandbox.child import SpawnedChild
from sandbox.errors import GuestGone, ProtocolViolated
from sandbox.process import GuestProcess
from sandbox.protocol import (
    UNKNOWN_CALL,
    Kind,
    Reason,
    Results,
    Stopped,
    encode,
    most_results_bytes,
)
from sandbox.seat import Seat
from tests.hostile.sandboxes import make_call, program
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

HURRIED = Limits(timeout_ms=50, slice_ms=1)
GRACE_S = 0.2
DEADLINE_S = 0.301
ONE = Results(1, 1, b'R[0,[]]\x1e{"a":1}').encode()

ANSWERS: dict[str, Answer] = {
    "a kind that is none": b"\xff\0\0\0\0",
    "a body without end": bytes([Kind.RESULTS]) + b"\xff\xff\xff\xff",
    "two answers": ["loaded", "loaded"],
    "an answer and a half": ["loaded", b"\x01"],
    "an answer twice": [ONE, ONE],
    "the wrong answer": "loaded",
    "a question": "run",
    "hello again": "hello",
    "no results": Results(1, 1, b"").encode(),
    "too many results": Results(1, 3, b"R[0,[]]\x1e1\x1e" * 3 + b"\x1e").encode(),
    "another number of results than it counts": Results(1, 2, b"R[0,[]]\x1e1").encode(),
    "results that took longer than there was": Results(2**63, 1, b"R[0,[]]\x1e1").encode(),
    "results that are no JSON": Results(1, 1, b"E[0,\x1e").encode(),
    "results that are nested too deeply": Results(1, 1, b"R[0," + b"[" * 9_000 + b"\x1e").encode(),
    "a pickle": Results(1, 1, b"cos\nsystem\n(S'exit'\ntR.\x1e1").encode(),
    "an output beyond the limit": [
        {
            "frame": 7,
            "hex": bytes(11).hex() + "01" + b"R[0,[]]\x1e".hex(),
            "length": 20 + 1_048_577,
        },
        {"bytes": 1_048_577},
    ],
    "an unknown reason": encode(Kind.STOPPED, b"\x09\0\0\0\0"),
    "a call that there is not": Stopped(Reason.TIME, 1).encode(),
    "a body that is cut short": encode(Kind.STOPPED, b"\x01"),
    "not to know the program": "unknown",
    "a flood": {"repeat": {"bytes": 65_536}},
    "a flood that begins well": [
        {"frame": 7, "hex": "", "length": most_results_bytes(HURRIED, 1)},
        {"repeat": {"bytes": 65_536}},
    ],
    "nothing and the end": "exit",
    "nothing and closed": ["close", "silence"],
    "nothing and a crash": {"signal": "SIGSEGV"},
    "nothing and a signal without a name": {"signal": 40},
}


def run_on(
    *answers: Answer, calls: int = 1, payload: object = None, grace_s: float = 5.0
) -> list[Result]:
    """Run a batch where every guest says the same."""
    seat = Seat(lambda: start_guest("hello", *answers), grace_s=grace_s)
    try:
        return seat.run(program("return 1"), [make_call(payload)] * calls, HURRIED)
    finally:
        seat.close()


def run_on_bad_then_good(*bad: Answer) -> Result:
    """Run a call where the first guest says something, and the next one what it should."""
    guests = [start_guest("hello", "loaded", ONE), start_guest("hello", *bad)]
    seat = Seat(guests.pop)
    try:
        [result] = seat.run(program("return 1"), [make_call()], HURRIED)
    finally:
        seat.close()
    for guest in guests:
        guest.close()
    return result


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_whatever_a_guest_answers_the_call_died(answer: Answer) -> None:
    [result] = run_on("loaded", answer)
    assert isinstance(result, Died)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_guest_that_was_garbled_is_replaced_by_another(answer: Answer) -> None:
    assert getattr(run_on_bad_then_good("loaded", answer), "output", None) == b'{"a":1}'


@pytest.mark.parametrize("end", range(len(ONE)))
def test_a_guest_killed_at_any_byte_of_its_answer_costs_no_result(end: int) -> None:
    killed = run_on_bad_then_good("loaded", [ONE[:end], {"signal": "SIGKILL"}])
    assert getattr(killed, "output", None) == b'{"a":1}'


def test_a_guest_killed_after_its_answer_has_answered() -> None:
    [result] = run_on("loaded", [ONE, {"signal": "SIGKILL"}])
    assert isinstance(result, Returned)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, len(ONE)), st.integers(0, 3), st.binary(max_size=3))
def test_an_answer_that_was_changed_ends_in_a_result(at: int, length: int, new: bytes) -> None:
    [result] = run_on("loaded", ONE[:at] + new + ONE[at + length :], grace_s=0.1)
    assert isinstance(result, Returned | Died | TimedOut)


HOLD_UPS: dict[str, list[Answer]] = {
    "silence": ["loaded", "silence"],
    "a stopped process": ["loaded", {"signal": "SIGSTOP"}],
    "half an answer": ["loaded", [ONE[:-1], "silence"]],
    "an answer of a byte every 50 ms": [
        "loaded",
        [
            {"frame": 7, "hex": "", "length": 1_000},
            {"repeat": [{"bytes": 1}, {"sleep_ms": 50}]},
        ],
    ],
    "errors until their pipe is full": ["loaded", {"repeat": {"stderr": 65_536}}],
    "a child that holds the pipes": ["loaded", "fork"],
}


@pytest.mark.parametrize("answers", HOLD_UPS.values(), ids=HOLD_UPS)
def test_whatever_holds_an_answer_up_ends_at_the_deadline(answers: list[Answer]) -> None:
    started = time.monotonic()
    assert run_on(*answers, grace_s=GRACE_S) == [TimedOut(50)]
    # The batch's own deadline and that of its call alone; the rest is starting guests.
    assert 2 * DEADLINE_S <= time.monotonic() - started < 2 * DEADLINE_S + 3


def test_a_guest_that_says_nothing_holds_up_a_batch_no_longer_than_one_call() -> None:
    started = time.monotonic()
    assert run_on("loaded", "silence", calls=50, grace_s=GRACE_S) == [TimedOut(50)]
    assert time.monotonic() - started < 2 * DEADLINE_S + 3


def test_a_guest_that_keeps_its_host_busy_is_looked_at_all_the_same() -> None:
    head: Step = {"frame": 7, "hex": "", "length": 1_000_000}
    dribble: Step = {"repeat": [{"bytes": 1}, {"sleep_ms": 1}]}
    guest = start_guest(
        "hello", [head, {"hold_mb": 100}, dribble], most_resident_bytes=80 * 1_048_576
    )
    with pytest.raises(GuestGone) as raised:
        guest.ask(encode(Kind.RUN), timeout_s=10)
    guest.close()
    assert raised.value.out_of_memory


def test_a_guest_that_does_not_read_a_large_question_is_killed_at_the_deadline() -> None:
    deaf: list[Answer] = [["loaded", "silence"]]
    assert run_on(*deaf, payload="x" * 4_000_000, grace_s=GRACE_S) == [TimedOut(50)]


def test_a_guest_that_closes_its_end_for_questions_died() -> None:
    [result] = run_on(["loaded", "deafen", "silence"], payload="x" * 4_000_000)
    assert isinstance(result, Died)


def test_a_guest_that_answers_in_the_middle_of_a_question_died() -> None:
    [result] = run_on(["loaded", {"sleep_ms": 50}, ONE, "silence"], payload="x" * 4_000_000)
    assert result == Died("The guest answered before it was asked.")


def test_an_answer_that_lay_there_before_the_question_is_none() -> None:
    guest = start_guest(["hello", {"sleep_ms": 50}, ONE, "exit"])
    wait_until("the answer is there", lambda: not is_alive(guest.pid))
    with pytest.raises(ProtocolViolated, match="before it was asked"):
        guest.ask(encode(Kind.RUN), timeout_s=5)
    guest.close()


def test_errors_that_fit_their_pipe_hold_up_nothing() -> None:
    [result] = run_on("loaded", [{"stderr": 60_000}, ONE])
    assert isinstance(result, Returned)


def test_a_guest_that_never_knows_the_program_is_asked_twice_at_most() -> None:
    [result] = run_on("loaded", *["unknown", "loaded"] * 50)
    assert result == Died("The guest answered RUN with UNKNOWN.")


def test_a_guest_that_blames_one_call_after_the_other_is_not_believed_twice() -> None:
    guests: list[GuestProcess] = []

    def start() -> GuestProcess:
        # Each blames the last call of the batch that the one before it leaves.
        guests.append(
            start_guest("hello", "loaded", Stopped(Reason.TIME, 49 - len(guests)).encode(), ONE)
        )
        return guests[-1]

    seat = Seat(start)
    results = seat.run(program("return 1"), [make_call()] * 50, HURRIED)
    seat.close()
    assert len(results) >= 1
    assert len(guests) <= 5


def test_a_guest_that_blames_nobody_is_asked_about_each_call_alone() -> None:
    lie = Stopped(Reason.TIME, UNKNOWN_CALL).encode()
    # Alone there is nobody else to blame.
    assert run_on("loaded", lie, calls=2) == [TimedOut(HURRIED.timeout_ms)]


@pytest.mark.parametrize(
    "answer",
    [
        {"invalid": "x", "line": 2, "column": 1},
        {"invalid": "x", "line": 1, "column": 10},
        {"invalid": "x", "line": 0, "column": 0},
        {"invalid": "x", "line": 2**32 - 1, "column": 2**32 - 1},
    ],
)
def test_a_syntax_error_at_a_place_that_there_is_not_has_none(answer: Answer) -> None:
    assert run_on(answer) == [SyntaxInvalid("x", 1, 1, "")]


def test_the_line_of_a_syntax_error_is_the_hosts_own() -> None:
    assert run_on({"invalid": "x", "line": 1, "column": 9}) == [
        SyntaxInvalid("x", 1, 9, "return 1")
    ]


LOADS: dict[str, Answer] = {
    "with more than that": encode(Kind.LOADED, b"x"),
    "with a message that is no text": encode(Kind.INVALID, bytes(8) + b"\xff"),
    "with a message without end": bytes([Kind.INVALID]) + (2**30).to_bytes(4, "big"),
    "with nested JSON": encode(Kind.INVALID, b"[" * 7_000),
    "with nothing": encode(Kind.INVALID),
    "with results": ONE,
}


@pytest.mark.parametrize("answer", LOADS.values(), ids=LOADS)
def test_a_guest_that_answers_a_program_with_garbage_died(answer: Answer) -> None:
    seat = Seat(lambda: start_guest("hello", answer))
    [result] = seat.run(program("return 1"), [make_call()], HURRIED)
    assert isinstance(result, Died)
    assert isinstance(seat.check(program("return 1")), SyntaxInvalid)
    seat.close()


HELLOS: dict[str, Answer] = {
    "another frame": "loaded",
    "a kind that is none": b"\xff\xff\xff\xff\xff",
    "a body without end": bytes([Kind.HELLO]) + b"\xff\xff\xff\xff",
    "twice": ["hello", "hello"],
    "without layers": encode(Kind.HELLO),
    "a layer that there is not": encode(Kind.HELLO, b'[["moat",true,""]]'),
    "a layer that is in force by 1": encode(Kind.HELLO, b'[["realm",1,""]]'),
    "a bomb": encode(Kind.HELLO, b"[" * 10_000),
    "more than there is to say": encode(Kind.HELLO, b" " * 20_000 + b"[]"),
    "nothing": "exit",
    "closed": ["close", "silence"],
    "a signal without a name": {"signal": 40},
}


@pytest.mark.parametrize("hello", HELLOS.values(), ids=HELLOS)
def test_a_process_that_does_not_say_hello_is_no_guest(hello: Answer) -> None:
    with pytest.raises(GuestUnavailable):
        start_guest(hello)


def test_a_command_that_does_not_exist_is_no_guest() -> None:
    with pytest.raises(GuestUnavailable, match="could be started"):
        SpawnedChild(["/nowhere/python"])


def test_a_guest_that_is_gone_stays_gone() -> None:
    guest = start_guest("hello", "exit")
    for _ in range(2):
        with pytest.raises(GuestGone):
            guest.ask(encode(Kind.UNKNOWN), timeout_s=5)
    guest.close()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"\xff\0\0\0\0", "broke the protocol: There is no frame of kind 255."),
        ({"signal": 31}, "is gone: The guest process was ended by SIGSYS."),
    ],
    ids=["garbage", "a call that seccomp forbids"],
)
def test_a_guest_that_ends_as_no_honest_one_does_is_logged(
    answer: Answer, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    seat = Seat(lambda: start_guest("hello", "loaded", answer), owner="wsp_7")
    seat.run(program("return 1"), [make_call()], HURRIED)
    seat.close()
    assert {record.name for record in caplog.records} == {"sandbox"}
    assert f"of 'wsp_7' {told}" in caplog.text


def test_a_guest_that_a_limit_ended_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    stopped = Stopped(Reason.MEMORY, 0).encode()
    seat = Seat(lambda: start_guest("hello", "loaded", stopped))
    seat.run(program("return 1"), [make_call()], HURRIED)
    seat.close()
    assert caplog.records == []
