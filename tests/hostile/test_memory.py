"""Code that takes all the memory it can get: each attempt is out of memory, or is refused."""

import pytest

from sandbox import Limits, OutOfMemory, SandboxPool, Threw
from tests.hostile.sandboxes import make_call, program, run, run_all, value

PATIENT = Limits(timeout_ms=20_000, heap_mb=16)

BOMBS = {
    "arrays": "const a = []; for (;;) a.push(new Array(1000).fill(1));",
    "objects": "const a = []; for (;;) a.push({a: {b: {}}});",
    "one list": "let a = null; for (;;) a = {a};",
    "a doubling array": "let a = [1]; for (;;) a = a.concat(a);",
    "flat strings": "const a = []; for (let i = 0; ; i++) a.push(`${i}`.padEnd(1e6, 'é'));",
    "one string made an array": "return 'a'.repeat(5e8).split('').length",
    "typed arrays": "const a = []; for (;;) a.push(new Uint8Array(1e7).fill(1));",
    "a map": "const m = new Map(); for (let i = 0; ; i++) m.set(i, {});",
    "closures": "let f = () => 1; for (;;) { const g = f; f = () => g; }",
    "promises": "const a = []; for (;;) a.push(new Promise(() => {}));",
    "reactions": "const f = () => { Promise.resolve().then(f); Promise.resolve().then(f) }; await f();",
    "after await": "await null; const a = []; for (;;) a.push(new Array(1000).fill(1));",
    "in toJSON": "return {toJSON() { const a = []; for (;;) a.push(new Array(1000).fill(1)); }}",
    "in a finally": "const a = []; try { for (;;) a.push({}) } finally { for (;;) a.push({}) }",
    "symbols": "const a = []; for (let i = 0; ; i++) a.push(Symbol(`${i}`));",
    "regular expressions": "const a = []; for (let i = 0; ; i++) a.push(new RegExp(`a${i}b*`));",
}


@pytest.mark.parametrize("code", BOMBS.values(), ids=BOMBS)
def test_code_that_takes_all_memory_is_out_of_memory(pool: SandboxPool, code: str) -> None:
    assert run(pool, code, limits=PATIENT) == OutOfMemory(PATIENT.heap_mb)


@pytest.mark.parametrize(
    "code",
    [
        "return new ArrayBuffer(2 ** 40)",
        "return 'a'.repeat(2 ** 30)",
        "return new Array(2 ** 32)",
        "return 2n ** (2n ** 40n)",
    ],
)
def test_more_than_the_engine_can_make_threw(pool: SandboxPool, code: str) -> None:
    result = run(pool, code, limits=PATIENT)
    assert isinstance(result, Threw)
    assert result.message.startswith("RangeError: ")


def test_a_batch_of_large_events_is_no_ones_fault(pool: SandboxPool) -> None:
    code = "return [payload, payload].join('').length"
    calls = [make_call("x" * 400_000) for _ in range(12)]
    assert {value(r) for r in run_all(pool, code, calls, limits=PATIENT)} == {800_000}


def test_garbage_of_many_programs_is_no_ones_fault(pool: SandboxPool) -> None:
    for n in range(20):
        code = (
            f"/* {n} */ let a; for (let i = 0; i < 4; i++) a = new Array(1e6).fill(i); return a[0]"
        )
        [result] = pool.run("wsp_1", program(code), [make_call()], limits=PATIENT)
        assert value(result) == 3


def test_the_pool_is_usable_after_code_that_took_all_memory(pool: SandboxPool) -> None:
    run(pool, BOMBS["arrays"], limits=PATIENT)
    assert value(run(pool, "return 1")) == 1
