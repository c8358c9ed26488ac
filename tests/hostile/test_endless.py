"""Code that never ends, wherever it runs: each attempt is timed out, and the pool goes on."""

import pytest

from sandbox import Limits, SandboxPool, TimedOut
from tests.hostile.sandboxes import run, value

HURRIED = Limits(timeout_ms=100)

ENDLESS = {
    "at the top level": "for (;;);",
    "in a do-while that catches": "for (;;) try { for (;;); } catch {} finally { for (;;); }",
    "after await": "await null; for (;;);",
    "in a reaction": "await Promise.resolve().then(() => { for (;;); })",
    "in a reaction nobody awaits": "Promise.resolve().then(() => { for (;;); }); return 1",
    "in a reaction after the end": "await null; (async () => { await null; for (;;); })(); return 1",
    "in a getter of the output": "return {get a() { for (;;); }}",
    "in toJSON": "return {toJSON() { for (;;); }}",
    "in a trap of a proxy": "return new Proxy({}, {ownKeys() { for (;;); }})",
    "in a proxy that is thrown": "throw new Proxy(new Error(), {get() { for (;;); }})",
    "in the message of an error": "throw {toString() { for (;;); }, toJSON() { for (;;); }}",
    "in the stack of an error": "throw Object.defineProperty(new Error(), 'stack', {get() { for (;;); }})",
    "in a thenable": "return {then() { for (;;); }}",
    "in the look-up of then": "return {get then() { for (;;); }}",
    "in what is shown on the console": "console.log({toJSON() { for (;;); }})",
    "in a comparison": "[3, 2, 1].sort(() => { for (;;); })",
    "in a generator": "for (const x of (function* () { for (;;) yield 1 })()) x;",
    "in a regular expression": "return /^(a+)+$/.test('a'.repeat(50) + 'b')",
    "in a builtin": "const a = [1]; a.length = 4e9; return a.indexOf(2)",
    "in a flood of reactions": "const f = () => Promise.resolve().then(f); await f();",
    "in a flood of reactions nobody awaits": "const f = () => { Promise.resolve().then(f) }; f();",
    "in a flood of async functions": "const f = async () => { await null; return f() }; await f();",
    "in big numbers": "let x = 3n; for (;;) x = x * x % (2n ** 4096n);",
    "in a template": "return `${{toString() { for (;;); }}}`",
}


@pytest.mark.parametrize("code", ENDLESS.values(), ids=ENDLESS)
def test_code_that_never_ends_is_timed_out(pool: SandboxPool, code: str) -> None:
    assert run(pool, code, limits=HURRIED) == TimedOut(HURRIED.timeout_ms)


def test_the_pool_is_usable_after_code_that_never_ended(pool: SandboxPool) -> None:
    run(pool, "for (;;);", limits=HURRIED)
    assert value(run(pool, "return 1")) == 1


def test_code_that_never_ends_holds_up_its_own_owner_alone(pool: SandboxPool) -> None:
    before = pool.guest_pids()
    run(pool, "for (;;);", limits=HURRIED)
    after = pool.guest_pids()
    assert {o: p for o, p in before.items() if o != "wsp_1"}.items() <= after.items()
