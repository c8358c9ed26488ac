"""What code that never ends costs others; that it is timed out is in the corpus."""

import time

from sandbox import Limits, SandboxPool, TimedOut
from tests.hostile.sandboxes import make_call, program, run, value

HURRIED = Limits(timeout_ms=100)


def test_the_pool_is_usable_after_code_that_never_ended(pool: SandboxPool) -> None:
    run(pool, "for (;;);", limits=HURRIED)
    assert value(run(pool, "return 1")) == 1


def test_code_is_stopped_at_its_own_limit_and_not_at_the_hosts_deadline(pool: SandboxPool) -> None:
    """The guest's watchdog: without it the host would wait two seconds longer."""
    run(pool, "return 1")
    started = time.monotonic()
    assert run(pool, "for (;;);", limits=HURRIED) == TimedOut(100)
    assert time.monotonic() - started < 1.5


def test_the_event_that_never_ends_is_named_by_the_guest(pool: SandboxPool) -> None:
    """In a long batch the ones before it are run once more together, not one by one."""
    code = "if (payload === 150) for (;;); return payload"
    calls = [make_call(n) for n in range(256)]
    started = time.monotonic()
    results = pool.run("wsp_1", program(code), calls, limits=HURRIED)
    assert [value(r) for r in results[:150]] == list(range(150))
    assert results[150:] == [TimedOut(100)]
    assert time.monotonic() - started < 1.5


def test_code_that_never_ends_holds_up_its_own_owner_alone(pool: SandboxPool) -> None:
    before = pool.guest_pids()
    run(pool, "for (;;);", limits=HURRIED)
    after = pool.guest_pids()
    assert {o: p for o, p in before.items() if o != "wsp_1"}.items() <= after.items()
