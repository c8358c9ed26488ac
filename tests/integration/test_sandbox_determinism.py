"""I10: the same code on the same event gives the same bytes, however and wherever it is run."""

import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox import Call, Limits, Result, SandboxPool
from tests.hostile.sandboxes import make_call, program, run_all, running_pool

# All that could differ from run to run, from machine to machine or from day to day.
FINGERPRINT = """
const out = {};
out.clock = [Date.now(), new Date(), Date(), new Date(2026, 5, 1).getTimezoneOffset()];
out.zone = [new Date(0).toString(), new Date("2026-03-29T02:30").toISOString(),
  Intl.DateTimeFormat().resolvedOptions().timeZone, new Date("1 Jan 2026").getTime()];
out.locale = [Intl.NumberFormat().resolvedOptions().locale, (1234567.891).toLocaleString(),
  new Date().toLocaleDateString(), new Date().toLocaleTimeString(), new Date().toLocaleString("fr"),
  ["é", "z", "a", "Z"].sort((a, b) => a.localeCompare(b)), "I".toLocaleLowerCase(),
  new Intl.PluralRules().select(1), new Intl.ListFormat().format(["a", "b"]),
  new Intl.RelativeTimeFormat().format(-1, "day"), new Intl.DateTimeFormat("de").format()];
out.chance = [Math.random(), Math.random(), [1, 2, 3, 4, 5, 6].sort(() => Math.random() - 0.5)];
const keys = {};
for (const key of ["b", "10", "a", "9", "é", "__proto__x", "1e3"]) keys[key] = 1;
out.keys = [Object.keys(keys), JSON.stringify(payload), Object.keys(payload), Object.keys(context)];
out.headers = [Object.keys(headers), headers["x-one"]];
out.order = [[...new Set([3, 1, 2])], [...new Map([["z", 1], ["a", 2]])].flat()];
out.numbers = [0.1 + 0.2, Math.sin(1e22), Math.exp(1), Math.pow(2, 0.5), (0.000001234).toString(),
  1e21 + 1, (25).toString(36), Number.MAX_SAFE_INTEGER * 3, Math.hypot(1, 2, 3), Math.cbrt(7)];
out.errors = [];
for (const f of [() => null.x, () => undefined(), () => JSON.parse("{"), () => x.y, () => 1n + 1,
  () => { "use strict"; Object.freeze([]).push(1) }, () => new Array(-1), () => "a".repeat(-1),
  () => decodeURIComponent("%"), () => Symbol() + "", () => BigInt(1.5), () => null[Symbol.iterator]]) {
  try { f() } catch (e) { out.errors.push(String(e), e.stack) }
}
console.log(out.clock, out.chance, new Error("shown"));
if (payload.throws) throw new TypeError(`thrown at ${Math.random()}`);
return out;
"""


def make_calls(count: int) -> list[Call]:
    return [
        make_call(
            {"n": n, "z": 1, "a": {"é": [n]}, "throws": n % 5 == 4},
            headers={"X-One": str(n)},
            event_id=f"evt_{n}",
            accepted_at=f"2026-01-02T03:04:{n % 60:02}.678Z",
        )
        for n in range(count)
    ]


def shown(results: Sequence[Result]) -> list[str]:
    """Give all that an author can see of results: everything but how long they took."""
    return [
        repr(
            [type(result).__name__]
            + [
                getattr(result, name)
                for name in result.__dataclass_fields__
                if name != "duration_us"
            ]
        )
        for result in results
    ]


CALLS = make_calls(24)
WAITING = ["", "await null;\n"]


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made


@pytest.fixture(scope="module", params=WAITING, ids=["together", "alone"])
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param) + FINGERPRINT


@pytest.fixture(scope="module")
def expected(code: str) -> list[str]:
    with running_pool() as other:
        return shown(run_all(other, code, CALLS))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.sets(st.integers(1, len(CALLS) - 1)))
def test_a_batch_split_in_other_ways_gives_the_same_bytes(
    pool: SandboxPool, code: str, expected: list[str], cuts: set[int]
) -> None:
    edges = [0, *sorted(cuts), len(CALLS)]
    results: list[Result] = []
    for start, end in itertools.pairwise(edges):
        results += run_all(pool, code, CALLS[start:end])
    assert shown(results) == expected


def test_another_order_of_events_gives_each_the_same_bytes(
    pool: SandboxPool, code: str, expected: list[str]
) -> None:
    order = list(range(len(CALLS)))
    random.Random(7).shuffle(order)  # noqa: S311
    results = shown(run_all(pool, code, [CALLS[n] for n in order]))
    assert results == [expected[n] for n in order]


def test_a_guest_that_has_had_a_hard_time_gives_the_same_bytes(
    pool: SandboxPool, code: str, expected: list[str]
) -> None:
    for hostile in (
        "const a = []; for (let i = 0; i < 3e5; i++) a.push({i}); return a.length",
        "for (let i = 0; i < 1e4; i++) Math.random(); throw new Error('x'.repeat(1e5))",
        "await new Promise(() => {})",
        "(function f() { f() })()",
    ):
        run_all(pool, hostile, CALLS[:2])
    assert shown(run_all(pool, code, CALLS)) == expected


def test_a_slice_that_ends_after_each_event_gives_the_same_bytes(
    pool: SandboxPool, code: str, expected: list[str]
) -> None:
    assert shown(run_all(pool, code, CALLS, limits=Limits(slice_ms=1))) == expected


_ELSEWHERE = """
import json, sys
from tests.hostile.sandboxes import run_all, running_pool
from tests.integration.test_sandbox_determinism import CALLS, shown
with running_pool() as pool:
    print(json.dumps(shown(run_all(pool, sys.stdin.read(), CALLS))))
"""


def test_a_host_with_another_zone_locale_and_seed_gives_the_same_bytes(
    code: str, expected: list[str]
) -> None:
    elsewhere = {"TZ": "Asia/Kolkata", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE],
        env={**os.environ, **elsewhere, "PYTHONHASHSEED": "4711"},
        input=code,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == expected


def test_two_events_differ_in_nothing_but_their_time_and_chance(pool: SandboxPool) -> None:
    code = "return [Date.now(), Math.random()]"
    same = [make_call(n, event_id="evt_1") for n in range(3)]
    other = make_call(event_id="evt_2", accepted_at="2026-01-02T03:04:06.000Z")
    first, *others, last = shown(run_all(pool, code, [*same, other]))
    assert others == [first, first]
    assert last != first


def test_the_results_of_the_first_run_are_known_for_ever(pool: SandboxPool) -> None:
    """Written down once: a new V8 or ICU that changes them changes replays, and must be noticed."""
    code = """return [Date(), Math.random(), Math.random(), (1234567.891).toLocaleString(),
      new Date().toLocaleString(), new Date().toLocaleString("de", {timeZone: "Europe/Berlin"}),
      new Intl.NumberFormat("fr", {style: "currency", currency: "EUR"}).format(1234.5)]"""
    [result] = pool.run("wsp_1", program(code), [make_call()])
    assert json.loads(getattr(result, "output", b"")) == [
        "Fri Jan 02 2026 03:04:05 GMT+0000 (Coordinated Universal Time)",
        0.8141462237108499,
        0.17834002408199012,
        "1,234,567.891",
        "1/2/2026, 3:04:05 AM",
        "2.1.2026, 04:04:05",
        "1\u202f234,50\u00a0€",
    ]
