"""What code that never ends costs others; that it is timed out is in the corpus."""

from sandbox import Limits, SandboxPool
from tests.hostile.sandboxes import run, value

HURRIED = Limits(timeout_ms=100)


def test_the_pool_is_usable_after_code_that_never_ended(pool: SandboxPool) -> None:
    run(pool, "for (;;);", limits=HURRIED)
    assert value(run(pool, "return 1")) == 1


def test_code_that_never_ends_holds_up_its_own_owner_alone(pool: SandboxPool) -> None:
    before = pool.guest_pids()
    run(pool, "for (;;);", limits=HURRIED)
    after = pool.guest_pids()
    assert {o: p for o, p in before.items() if o != "wsp_1"}.items() <= after.items()
