import json
import tracemalloc
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
from sandbox.protocol import LAST_LINE_BYTES, LONGEST_MESSAGE, Results, most_results_bytes
from sandbox.records import read_results
from sandbox.result import Result

LIMITS = Limits(timeout_ms=7, output_bytes=9, console_lines=3, console_bytes=20, misfits=2)
CUT = '["warn","… 10 lines are kept; the rest was dropped"]'
CODE = "// a\n// bb\n// \U0001f600\n// dddd"
WAITED_US = 5_000


def read(
    text: bytes,
    *,
    count: int = 1,
    asked: int = 1,
    elapsed_us: int = 100,
    limits: Limits = LIMITS,
) -> list[Result]:
    answer = Results(elapsed_us, count, text)
    return read_results(answer, asked=asked, limits=limits, code=CODE, waited_us=WAITED_US)


def read_one(record: str) -> Result:
    [result] = read(record.encode() + b"\x1e")
    return result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (b'R[0,[]]\x1e{"a":1}', Returned(b'{"a":1}', (), 100)),
        (b"R[0,[]]\x1e", Returned(None, (), 100)),
        (b'R[2,[["log","x"]]]\x1e1', Returned(b"1", (ConsoleText("log", "x"),), 2000)),
        (b'E[0,[],"Error: x",3,4]\x1e', Threw("Error: x", 3, 4, (), 100)),
        (b'E[0,[],"x",null,null]\x1e', Threw("x", None, None, (), 100)),
        (b'E[0,[],"x",1,null]\x1e', Threw("x", None, None, (), 100)),
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


DEEP = 100_000
VIOLATIONS = {
    "nothing": b"",
    "half a result": b"R[0,[]]",
    "a result too many": b"R[0,[]]\x1e1\x1eR[0,[]]\x1e2",
    "a record too many": b"R[0,[]]\x1e1\x1e",
    "no details": b"R\x1e1",
    "no record": b"\x1e1",
    "an unknown letter": b"Q[0,[]]\x1e",
    "a letter in lower case": b"r[0,[]]\x1e",
    "an object": b'R{"0":0}\x1e',
    "too few details": b"R[0]\x1e",
    "too many details": b"R[0,[],1]\x1e",
    "the details of another kind": b"N[0,[],1]\x1e",
    "a time that is a text": b'R["0",[]]\x1e',
    "a time that is true": b"R[true,[]]\x1e",
    "a time that is a fraction": b"R[0.5,[]]\x1e",
    "a time that is null": b"R[null,[]]\x1e",
    "a time of more than 64 bits": b"R[%d,[]]\x1e" % 2**64,
    "a time of a million digits": b"R[" + b"9" * 1_000_000 + b",[]]\x1e",
    "a time that is no JSON": b"R[NaN,[]]\x1e",
    "an unknown level": b'R[0,[["shout","x"]]]\x1e',
    "a level that is no text": b'R[0,[[[],"x"]]]\x1e',
    "a line that is a number": b'R[0,[["log",1]]]\x1e',
    "a line that is null": b"R[0,[null]]\x1e",
    "a line of three": b'R[0,[["log","x","y"]]]\x1e',
    "a console that is an object": b"R[0,{}]\x1e",
    "half a pair on the console": b'R[0,[["log","\\ud800"]]]\x1e',
    "bytes that are no text on the console": b'R[0,[["log","\xff"]]]\x1e',
    "one line too many": b'R[0,[["log",""],["log",""],["log",""],["log",""],["log",""]]]\x1e',
    "a console that is too long": b'R[0,[["log","%s"]]]\x1e' % (b"x" * 85),
    "a console that is too long in bytes": f'R[0,[["log","{"€" * 30}"]]]\x1e'.encode(),
    "a message that is an object": b'E[0,[],{},"",1]\x1e',
    "a message that is null": b"J[0,[],null,[]]\x1e",
    "no list of misfits": b'J[0,[],"cycle"]\x1e',
    "a misfit of no known kind": b'R[0,[],[[[],"shout","",0,1]]]\x1e',
    "a misfit whose place is no place": b'R[0,[],[[[true],"date","",0,1]]]\x1e',
    "a misfit whose place is too deep": b'R[0,[],[[[%s],"date","",0,1]]]\x1e'
    % b",".join([b"0"] * 66),
    "a misfit whose name is too long": b'R[0,[],[[[],"date","%s",0,1]]]\x1e' % (b"x" * 101),
    "a misfit whose cycle leads nowhere": b'R[0,[],[[["a"],"cycle","",2,1]]]\x1e',
    "a misfit counted as true": b'R[0,[],[[["a"],"date","",0,true]]]\x1e',
    "one misfit too many": b"R[0,[],[%s]]\x1e" % b",".join([b'[["a"],"date","",0,1]'] * 3),
    "a message that is too long": b'E[0,[],"%s",1,1]\x1e' % (b"x" * (LONGEST_MESSAGE + 1)),
    "a reason that is too long": b'J[0,[],"%s",[]]\x1e' % (b"x" * (LONGEST_MESSAGE + 1)),
    "half a pair in the message": b'E[0,[],"\\ud800",1,1]\x1e',
    "a line that is true": b'E[0,[],"x",true,1]\x1e',
    "a column that is true": b'E[0,[],"x",1,true]\x1e',
    "a line that is a text": b'E[0,[],"x","1",1]\x1e',
    "a line of more than 64 bits": b'E[0,[],"x",%d,1]\x1e' % 2**64,
    "an output that is too long": b"R[0,[]]\x1e1234567890",
    "an output that is too long, with a console": b'R[0,[["log","x"]]]\x1e1234567890',
    "an output of what threw": b'E[0,[],"x",1,1]\x1e1',
    "an output of what never settled": b"N[0,[]]\x1e1",
    "an output that was too large": b"L[0,[],12]\x1e1",
    "an output that is no JSON": b'J[0,[],"x",[]]\x1e1',
    "too large, but within the limit": b"L[0,[],9]\x1e",
    "too large, of true bytes": b"L[0,[],true]\x1e",
    "too large, of less than nothing": b"L[0,[],-1]\x1e",
    "too large for any text": b"L[0,[],%d]\x1e" % 2**31,
    "a bomb of arrays": b"R[0,[" + b"[" * DEEP + b"]" * DEEP + b"]]\x1e",
    "a bomb that is just short enough": b"R[0,[" + b"[" * 6_000 + b"]" * 6_000 + b"]]\x1e",
    "a bomb that is just short enough and never ends": b"R[0," + b"[" * 12_000 + b"\x1e",
    "a bomb that never ends": b"R[" + b"[" * DEEP + b"\x1e",
    "a bomb of objects": b"R[0," + b'{"a":' * DEEP + b"\x1e",
    "a record that is too long": b"R[0,[" + b" " * 200_000 + b"]]\x1e",
    "a pickle": b"cos\nsystem\n(S'exit'\ntR.\x1e1",
}


@pytest.mark.parametrize("text", VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_record_of_another_form_is_a_violation(text: bytes) -> None:
    with pytest.raises(ProtocolViolated):
        read(text)


@pytest.mark.parametrize(("count", "asked"), [(0, 2), (1, 2), (3, 2), (2**32 - 1, 2), (2, 1)])
def test_a_number_of_results_that_is_not_theirs_is_a_violation(count: int, asked: int) -> None:
    with pytest.raises(ProtocolViolated, match="number of results"):
        read(b"R[0,[]]\x1e1\x1eR[0,[]]\x1e2", count=count, asked=asked)


def test_fewer_results_than_calls_are_a_prefix() -> None:
    assert len(read(b"R[0,[]]\x1e1", count=1, asked=9)) == 1


def test_the_limits_themselves_are_no_violation() -> None:
    lines = ",".join([*[f'["log","{"€" * 2}"]'] * 3, CUT])
    [result] = read(f"R[0,[{lines}]]\x1e123456789".encode())
    assert isinstance(result, Returned)
    assert result.output == b"123456789"
    assert len(result.console) == 4
    longest = "\U0001f600" * LONGEST_MESSAGE
    thrown = read_one(f'E[0,[],"{longest}",1,1]')
    assert isinstance(thrown, Threw)
    assert thrown.message == longest


def test_what_json_makes_longest_is_no_violation() -> None:
    limits = Limits(console_lines=20_000, console_bytes=20_000)
    lines = [["error", "\x01" * 19_000], *[["error", ""]] * 990]
    details = json.dumps([0, lines, "\x01" * LONGEST_MESSAGE, 1, 1])
    record = f"E{details}\x1e".encode()
    assert len(read(record, limits=limits)) == 1
    assert len(record) < most_results_bytes(limits, 1)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ((1, 1), (1, 1)),
        ((1, 5), (1, 5)),
        ((1, 6), (None, None)),
        ((3, 6), (3, 6)),  # the emoji is two units wide
        ((3, 7), (None, None)),
        ((4, 8), (4, 8)),
        ((5, 1), (None, None)),
        ((0, 1), (None, None)),
        ((1, 0), (None, None)),
        ((-1, 1), (None, None)),
        ((1, -1), (None, None)),
        ((2**63, 1), (None, None)),
        ((1, 2**64 - 1), (None, None)),
    ],
)
def test_a_place_that_the_text_does_not_have_is_none(
    place: tuple[int, int], found: tuple[int, int] | tuple[None, None]
) -> None:
    result = read_one(f'E[0,[],"x",{place[0]},{place[1]}]')
    assert isinstance(result, Threw)
    assert (result.line, result.column) == found


@pytest.mark.parametrize(
    ("ms", "duration_us"), [(0, 100), (2, 2_000), (6, 5_000), (-1, 100), (2**63, 5_000)]
)
def test_a_call_took_no_longer_than_the_host_waited(ms: int, duration_us: int) -> None:
    result = read_one(f'R[{ms},[["log","x"]]]')
    assert isinstance(result, Returned)
    assert result.duration_us == duration_us


def test_a_batch_that_took_longer_than_the_host_waited_is_a_violation() -> None:
    assert len(read(b"R[0,[]]\x1e1", elapsed_us=WAITED_US)) == 1
    with pytest.raises(ProtocolViolated, match="time"):
        read(b"R[0,[]]\x1e1", elapsed_us=WAITED_US + 1)


def test_time_below_the_guests_clock_is_shared_out_evenly() -> None:
    results = read(b"R[0,[]]\x1e1\x1eR[0,[]]\x1e2", count=2, asked=2, elapsed_us=50)
    assert [r.duration_us for r in results if isinstance(r, Returned)] == [25, 25]


def test_a_flood_of_separators_makes_no_flood_of_records() -> None:
    text = b"\x1e" * 5_000_000
    tracemalloc.start()
    with pytest.raises(ProtocolViolated):
        read(text, count=2, asked=2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(text) + 100_000


def within_limits(result: Result) -> bool:
    match result:
        case Returned(output, console, duration_us):
            return (
                len(output or b"") <= LIMITS.output_bytes
                and 0 <= duration_us <= WAITED_US
                and console_within_limits(console)
            )
        case Threw(message, line, column, console, duration_us):
            return (
                len(message) <= LONGEST_MESSAGE
                and line in (None, 1, 2, 3, 4)
                and column in (None, *range(1, 9))
                and 0 <= duration_us <= WAITED_US
                and console_within_limits(console)
            )
        case TimedOut(limit_ms, console, never_settled):
            return (
                limit_ms == LIMITS.timeout_ms and never_settled and console_within_limits(console)
            )
        case OutputTooLarge(size_bytes, limit_bytes, console):
            return limit_bytes == 9 < size_bytes < 2**31 and console_within_limits(console)
        case NotJson(message, console):
            return len(message) <= LONGEST_MESSAGE and console_within_limits(console)
        case _:
            return False


def console_within_limits(console: tuple[ConsoleText, ...]) -> bool:
    return (
        len(console) <= LIMITS.console_lines + 1
        and sum(len(line.text.encode()) for line in console)
        <= LIMITS.console_bytes + LAST_LINE_BYTES
    )


VALID = [
    b'R[0,[]]\x1e{"a":1}',
    b'R[12,[["log","x"],["warn","y"]]]\x1e',
    b'E[0,[["error","x"]],"Error: x",3,4]\x1e',
    b"N[0,[]]\x1e",
    b"L[0,[],12]\x1e",
    b'J[0,[],"cycle"]\x1e',
]
numbers = st.integers(-(2**70), 2**70) | st.booleans() | st.none() | st.floats()
anything = st.recursive(
    numbers | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)
lines = st.lists(
    st.tuples(st.sampled_from(["log", "error", "shout"]), st.text(max_size=30)).map(list)
    | anything,
    max_size=6,
)
forged = st.builds(
    lambda letter, details, output: letter.encode() + json.dumps(details).encode() + output,
    st.sampled_from("RENLJQ"),
    st.tuples(numbers, lines).map(list)
    | st.tuples(numbers, lines, anything).map(list)
    | st.tuples(numbers, lines, st.text(max_size=20), numbers, numbers).map(list),
    st.binary(max_size=12).map(lambda output: b"\x1e" + output),
)


# Of the right form, and about as often within its bounds as beyond them.
times = st.integers(-3, 9)
texts = st.text(max_size=14)
pages = st.lists(st.tuples(st.sampled_from(["log", "warn"]), texts).map(list), max_size=5)
numbered = st.integers(-1, 6)
plausible = st.one_of(
    st.tuples(st.just("R"), st.tuples(times, pages), st.text("12", max_size=11)),
    st.tuples(st.just("E"), st.tuples(times, pages, texts, numbered, numbered), st.just("")),
    st.tuples(st.just("N"), st.tuples(times, pages), st.just("")),
    st.tuples(st.just("L"), st.tuples(times, pages, st.integers(7, 12)), st.just("")),
    st.tuples(st.just("J"), st.tuples(times, pages, texts), st.just("")),
).map(lambda record: f"{record[0]}{json.dumps(record[1])}\x1e{record[2]}".encode())


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        new = draw(st.binary(max_size=3) | st.sampled_from(VALID))
        text = text[:at] + new + text[at + draw(st.integers(0, 4)) :]
    return text


@given(st.binary(max_size=60) | mutated() | forged, st.integers(0, 3), st.integers(0, 2**64 - 1))
def test_whatever_a_guest_says_is_refused_or_within_the_limits(
    text: bytes, count: int, elapsed_us: int
) -> None:
    with suppress(ProtocolViolated):
        results = read(text, count=count, asked=2, elapsed_us=elapsed_us)
        assert len(results) == count <= 2
        assert all(within_limits(result) for result in results)


@given(plausible | mutated() | forged)
def test_whatever_a_guest_says_in_good_time_is_refused_or_within_the_limits(text: bytes) -> None:
    with suppress(ProtocolViolated):
        [result] = read(text)
        assert within_limits(result)


@pytest.mark.parametrize("text", VALID)
def test_an_answer_that_is_cut_anywhere_is_refused_or_within_the_limits(text: bytes) -> None:
    for end in range(len(text)):
        with suppress(ProtocolViolated):
            assert all(within_limits(result) for result in read(text[:end]))
