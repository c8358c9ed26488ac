from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import (
    ConsoleText,
    Limits,
    Misfit,
    MisfitKind,
    NotJson,
    OutputTooLarge,
    Returned,
    Threw,
    TimedOut,
)
from sandbox.errors import ProtocolViolated
from sandbox.protocol import Results
from sandbox.records import read_results
from sandbox.result import Result


def read(text: bytes, *, asked: int = 1, elapsed_us: int = 100) -> list[Result]:
    answer = Results(elapsed_us, 1, text)
    return read_results(answer, asked=asked, limits=Limits(timeout_ms=7, output_bytes=9, misfits=2))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (b'R[0,[]]\x1e{"a":1}', Returned(b'{"a":1}', (), 100)),
        (b"R[0,[]]\x1e", Returned(None, (), 100)),
        (b'R[2,[["log","x"]]]\x1e1', Returned(b"1", (ConsoleText("log", "x"),), 2000)),
        (b'E[0,[],"Error: x",3,4]\x1e', Threw("Error: x", 3, 4, (), 100)),
        (b'E[0,[],"x",null,null]\x1e', Threw("x", None, None, (), 100)),
        (b"N[0,[]]\x1e", TimedOut(7, never_settled=True)),
        (b"L[0,[],12]\x1e", OutputTooLarge(12, 9)),
        (b'J[0,[],"cycle",[]]\x1e', NotJson("cycle")),
        (
            b'J[0,[],"cycle",[[["a",0],"cycle","",2,1]]]\x1e',
            NotJson("cycle", (), Misfit(("a", 0), MisfitKind.CYCLE, back=2)),
        ),
        (
            b'R[0,[],[[["a"],"number","NaN",0,3]]]\x1e{}',
            Returned(b"{}", (), 100, (Misfit(("a",), MisfitKind.NUMBER, "NaN", count=3),)),
        ),
    ],
)
def test_each_record_has_its_result(text: bytes, result: Result) -> None:
    assert read(text) == [result]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"R[0,[]]",
        b"R[0,[]]\x1e1\x1eR[0,[]]\x1e2",
        b"R\x1e1",
        b"Q[0,[]]\x1e",
        b'R["0",[]]\x1e',
        b'R[0,[["shout","x"]]]\x1e',
        b'R[0,[["log",1]]]\x1e',
        b'E[0,[],{},"",1]\x1e',
        b'J[0,[],"cycle"]\x1e',
        b'R[0,[],[[[],"shout","",0,1]]]\x1e',
        b'R[0,[],[[[true],"date","",0,1]]]\x1e',
        b'R[0,[],[[["a"],"cycle","",2,1]]]\x1e',
        b'R[0,[],[[["a"],"date","",0,1],[["b"],"date","",0,1],[["c"],"date","",0,1]]]\x1e',
        b"R[" * 2000 + b"\x1e",
    ],
)
def test_a_record_of_another_form_is_a_violation(text: bytes) -> None:
    with pytest.raises(ProtocolViolated):
        read(text)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    with suppress(ProtocolViolated):
        assert len(read(text)) == 1


def test_time_below_the_guests_clock_is_shared_out_evenly() -> None:
    results = read(b"R[0,[]]\x1e1\x1eR[0,[]]\x1e2", asked=2, elapsed_us=50)
    assert [r.duration_us for r in results if isinstance(r, Returned)] == [25, 25]
