"""`await` over pure work: everything that promises can do without a clock or a network."""

from collections.abc import Iterator

import pytest

from sandbox import SandboxPool, Threw, TimedOut
from tests.hostile.sandboxes import make_call, run, run_all, running_pool, value


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made


WORK = "const twice = async (n) => { await null; return 2 * n };\n"

ROWS = {
    "await of a value": ("return [await 1, await null]", [1, None]),
    "await of an async function": ("return await twice(4)", 8),
    "a promise returned without await": ("return twice(4)", 8),
    "a promise returned by code that never says the word": (
        "return Promise.resolve(payload).then((n) => [n])",
        [3],
    ),
    "all": ("return await Promise.all([1, 2, 3].map(twice))", [2, 4, 6]),
    "all of many": (
        "return (await Promise.all(Array.from({length: 5000}, (_, n) => twice(n)))).length",
        5000,
    ),
    "all that rejects": (
        "return await Promise.all([twice(1), Promise.reject(new Error('no'))]).catch((e) => e.message)",
        "no",
    ),
    "all settled": (
        "return (await Promise.allSettled([twice(1), Promise.reject(1)])).map((r) => r.status)",
        ["fulfilled", "rejected"],
    ),
    "race": ("return await Promise.race([twice(1), twice(2)])", 2),
    "any": ("return await Promise.any([Promise.reject(1), twice(2)])", 4),
    "a loop over promises": (
        "const out = []; for await (const n of [twice(1), 5]) out.push(n); return out",
        [2, 5],
    ),
    "an async generator": (
        (
            "async function* g() { yield 1; yield twice(1) } "
            "const out = []; for await (const n of g()) out.push(n); return out"
        ),
        [1, 2],
    ),
    "an array made asynchronously": ("return await Array.fromAsync([twice(1), twice(2)])", [2, 4]),
    "finally": ("let n = 0; await twice(1).finally(() => { n = 7 }); return n", 7),
    "a thenable": ("return await {then(resolve) { resolve(9) }}", 9),
    "with resolvers": (
        "const {promise, resolve} = Promise.withResolvers(); resolve(6); return await promise",
        6,
    ),
    "try and catch": (
        "try { await Promise.reject(new TypeError('x')) } catch (e) { return e.name }",
        "TypeError",
    ),
}


@pytest.mark.parametrize(("code", "expected"), ROWS.values(), ids=ROWS)
def test_promises_work_over_pure_work(pool: SandboxPool, code: str, expected: object) -> None:
    assert value(run(pool, WORK + code, 3)) == expected


def test_a_rejection_is_shown_where_it_arose(pool: SandboxPool) -> None:
    result = run(pool, "await Promise.all([1].map(async () => {\n  null.x;\n}));")
    assert isinstance(result, Threw)
    assert (result.line, result.message) == (
        2,
        "TypeError: Cannot read properties of null (reading 'x')",
    )


def test_a_rejection_that_nobody_handles_does_not_fail_the_event(pool: SandboxPool) -> None:
    assert value(run(pool, "Promise.reject(new Error('lost')); await null; return 1")) == 1


def test_each_event_of_a_batch_waits_for_its_own_work(pool: SandboxPool) -> None:
    code = WORK + "const out = await Promise.all([payload, payload + 1].map(twice)); return out"
    results = run_all(pool, code, [make_call(n) for n in range(50)])
    assert [value(result) for result in results] == [[2 * n, 2 * n + 2] for n in range(50)]


def test_one_promise_of_many_that_never_settles_is_said_at_once(pool: SandboxPool) -> None:
    result = run(pool, WORK + "await Promise.all([twice(1), new Promise(() => {})])")
    assert isinstance(result, TimedOut)
    assert result.never_settled
