"""What memory costs whom; that code which takes all of it is out of memory is in the corpus."""

from sandbox import Limits, OutOfMemory, SandboxPool
from tests.hostile.sandboxes import make_call, program, run, run_all, value

PATIENT = Limits(timeout_ms=20_000, heap_mb=16)
BOMB = "const a = []; for (;;) a.push(new Array(1000).fill(1));"


def test_memory_that_v8_does_not_count_is_bounded_by_the_guest_itself(pool: SandboxPool) -> None:
    """By its watchdog alone: 400 MB of buffers are less than the kernel and the host allow."""
    code = (
        "const a = []; for (let i = 0; i < 40; i++) a.push(new Uint8Array(1e7).fill(1)); return 1"
    )
    assert run(pool, code, limits=PATIENT) == OutOfMemory(PATIENT.heap_mb)


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
    run(pool, BOMB, limits=PATIENT)
    assert value(run(pool, "return 1")) == 1
