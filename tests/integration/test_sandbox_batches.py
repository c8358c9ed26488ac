"""Many calls at once: prefixes, promises, and calls that end badly among others."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from sandbox import (
    Limits,
    OutOfMemory,
    Program,
    Returned,
    SandboxPool,
    Threw,
    TimedOut,
)
from tests.hostile.sandboxes import HURRIED, make_call, program, run_all, running_pool, value

CALLS = [make_call(n, event_id=f"evt_{n}") for n in range(20)]


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made


def test_results_come_in_the_order_of_the_calls(pool: SandboxPool) -> None:
    assert [value(r) for r in run_all(pool, "return payload", CALLS)] == list(range(20))


def test_no_calls_have_no_results(pool: SandboxPool) -> None:
    assert pool.run("wsp_1", program("return 1"), []) == []


def test_a_batch_ends_early_when_its_slice_is_over(pool: SandboxPool) -> None:
    code = "let x = 0; for (let i = 0; i < 3e5; i++) x += i; return payload"
    limits = Limits(slice_ms=1, timeout_ms=10_000)
    results = pool.run("wsp_1", program(code), CALLS, limits=limits)
    assert 1 <= len(results) < len(CALLS)
    assert [value(r) for r in results] == list(range(len(results)))


@pytest.mark.parametrize("wait", ["", "await 1;"])
def test_a_call_that_throws_leaves_the_others_their_results(pool: SandboxPool, wait: str) -> None:
    code = f"{wait} if (payload === 3) throw new Error('three'); return payload"
    results = run_all(pool, code, CALLS)
    assert isinstance(results[3], Threw)
    assert [value(r) for r in results[:3] + results[4:]] == [0, 1, 2, *range(4, 20)]


@pytest.mark.parametrize("wait", ["", "await 1;"])
def test_a_call_that_never_ends_leaves_the_others_their_results(
    pool: SandboxPool, wait: str
) -> None:
    code = f"{wait} if (payload === 3) for (;;); return payload"
    results = run_all(pool, code, CALLS, limits=HURRIED)
    assert results[3] == TimedOut(HURRIED.timeout_ms)
    assert [value(r) for r in results[:3] + results[4:]] == [0, 1, 2, *range(4, 20)]


@pytest.mark.parametrize("wait", ["", "await 1;"])
def test_a_call_that_fills_the_heap_leaves_the_others_their_results(
    pool: SandboxPool, wait: str
) -> None:
    code = f"""{wait} const a = [];
      if (payload === 3) for (;;) a.push(new Array(1000).fill(1)); return payload"""
    results = run_all(pool, code, CALLS, limits=Limits(timeout_ms=20_000))
    assert results[3] == OutOfMemory(64)
    assert [value(r) for r in results[:3] + results[4:]] == [0, 1, 2, *range(4, 20)]


def test_the_time_limit_is_one_calls_not_the_batchs(pool: SandboxPool) -> None:
    code = "let x = 0; for (let i = 0; i < 2e6; i++) x += i; return payload"
    limits = Limits(timeout_ms=500, slice_ms=60_000)
    calls = [make_call(n) for n in range(40)]
    results = pool.run("wsp_1", program(code), calls, limits=limits)
    assert [value(r) for r in results] == list(range(40))
    spent_us = sum(r.duration_us for r in results if isinstance(r, Returned))
    assert spent_us > limits.timeout_ms * 1_000


def test_promises_that_never_settle_do_not_hold_up_the_batch(pool: SandboxPool) -> None:
    code = "if (payload % 2) await new Promise(() => {}); return payload"
    results = run_all(pool, code, CALLS)
    never = TimedOut(Limits().timeout_ms, never_settled=True)
    assert results[1::2] == [never] * 10
    assert [value(r) for r in results[::2]] == list(range(0, 20, 2))


def test_a_promise_returned_without_await_is_awaited(pool: SandboxPool) -> None:
    code = "return payload % 2 ? Promise.resolve(payload) : payload"
    assert [value(r) for r in run_all(pool, code, CALLS)] == list(range(20))


def test_a_rejected_promise_threw(pool: SandboxPool) -> None:
    [result] = pool.run("wsp_1", program("return Promise.reject(new Error('no'))"), [make_call()])
    assert isinstance(result, Threw)
    assert result.message == "Error: no"


def test_what_an_event_leaves_pending_cannot_reach_the_next(pool: SandboxPool) -> None:
    code = """const draw = Math.random();
      (async () => { for (let i = 0; i < 50; i++) { await null; Math.random(); console.log('x') } })();
      await null; await null;
      return [draw, Math.random()]"""
    together = run_all(pool, code, CALLS)
    single = [pool.run("wsp_1", program(code), [call])[0] for call in CALLS]
    assert [value(r) for r in together] == [value(r) for r in single]
    for before, after in pairwise(together):
        assert isinstance(before, Returned)
        assert isinstance(after, Returned)
        assert before.console == after.console


def test_a_rejection_that_nobody_handles_is_ignored(pool: SandboxPool) -> None:
    code = "Promise.reject(new Error('lost')); (async () => { null.x })(); return payload"
    assert [value(r) for r in run_all(pool, code, CALLS)] == list(range(20))


def test_a_large_batch_is_cut_by_its_bytes(pool: SandboxPool) -> None:
    calls = [make_call("x" * 1_000_000) for _ in range(8)]
    results = pool.run("wsp_1", program("return payload.length"), calls)
    assert 1 <= len(results) < 8
    assert {value(r) for r in results} == {1_000_000}


def test_large_outputs_end_a_batch_early(pool: SandboxPool) -> None:
    code = "return 'x'.repeat(1_000_000)"
    results = run_all(pool, code, CALLS, limits=Limits(slice_ms=60_000))
    assert [len(value(r)) for r in results] == [1_000_000] * 20


def test_a_part_that_is_no_json_text_cannot_shift_the_others(pool: SandboxPool) -> None:
    good = make_call()
    for bad in (b'1\x1e{"x":1}', b"\x1e"):
        call = type(good)(bad, good.headers, good.context)
        with pytest.raises(ValueError, match="U\\+001E"):
            pool.run("wsp_1", program("return 1"), [good, call])


def test_more_programs_than_a_guest_keeps_all_run(pool: SandboxPool) -> None:
    for _ in range(2):
        for n in range(20):
            [result] = pool.run("wsp_1", Program(f"p{n}", f"return {n}"), [make_call()])
            assert value(result) == n


def test_a_heap_limit_above_the_pools_is_refused(pool: SandboxPool) -> None:
    with pytest.raises(ValueError, match="heap_mb"):
        pool.run("wsp_1", program("return 1"), CALLS, limits=Limits(heap_mb=65))


# The host takes no more than the limits allow; these are what an honest guest makes of them at most.


def test_the_longest_outputs_that_a_batch_can_have_are_taken(pool: SandboxPool) -> None:
    # In bytes three times what it is in units, of which the driver lets so many wait.
    code = "return '€'.repeat(349_500)"
    results = pool.run("wsp_1", program(code), [make_call()] * 20, limits=Limits(slice_ms=60_000))
    assert len(results) == 13
    for result in results:
        assert isinstance(result, Returned)
        assert len(result.output or b"") == 1_048_502


def test_the_longest_console_that_a_call_can_have_is_taken(pool: SandboxPool) -> None:
    limits = Limits(console_bytes=30_000, console_lines=30_000)
    code = r"""
      for (let i = 0; i < 1e4; i++) console.error();
      for (let i = 0; i < 3; i++) console.error("\x01".repeat(15_000));"""
    [result] = pool.run("wsp_1", program(code), [make_call()], limits=limits)
    assert isinstance(result, Returned)
    assert len(result.console) == 10_003


def test_the_longest_message_that_a_call_can_have_is_taken(pool: SandboxPool) -> None:
    code = r"throw new Error('\x01'.repeat(1e5))"
    [result] = pool.run("wsp_1", program(code), [make_call()])
    assert isinstance(result, Threw)
    assert len(result.message) == 2_000
