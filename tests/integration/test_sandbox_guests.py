"""Guest processes: started, shared by nobody, killed from outside, gone with their host."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox import GuestUnavailable, Limits, Result, SandboxPool, TimedOut
from tests.hostile.sandboxes import make_call, program, run, run_all, running_pool, value
from tests.support.processes import is_alive, running
from tests.support.waiting import wait_until


@pytest.fixture
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made


def run_for(pool: SandboxPool, owner: str, code: str) -> Result:
    [result] = pool.run(owner, program(code), [make_call()])
    return result


def guest_pid(pool: SandboxPool) -> int:
    return wait_until("the guest runs", lambda: pool.guest_pids().get("wsp_1", 0))


def is_busy(pid: int) -> bool:
    """Say whether a process has used some time of a processor since it was started."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) > 40


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[1])


def resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_two_owners_never_share_a_guest(pool: SandboxPool) -> None:
    run_for(pool, "wsp_1", "return 1")
    run_for(pool, "wsp_2", "return 1")
    pids = pool.guest_pids()
    assert len(set(pids.values())) == 2


def test_an_idle_guest_gives_back_what_its_work_took(pool: SandboxPool) -> None:
    run(pool, "return 1")
    pid = guest_pid(pool)
    before = resident_kb(pid)
    patient = Limits(timeout_ms=30_000)
    run(pool, "return Array(1e6).fill(1).map((x) => [x]).length", limits=patient)
    assert resident_kb(pid) > before + 20_480
    wait_until("the memory is given back", lambda: resident_kb(pid) < before + 6_144)
    assert value(run(pool, "return 1")) == 1
    assert guest_pid(pool) == pid


def test_one_owner_keeps_its_guest(pool: SandboxPool) -> None:
    run(pool, "return 1")
    first = pool.guest_pids()
    run(pool, "return 2")
    assert pool.guest_pids() == first


def test_a_guest_that_ended_a_call_badly_is_not_used_again(pool: SandboxPool) -> None:
    run(pool, "return 1")
    first = pool.guest_pids()["wsp_1"]
    run(pool, "for (;;);", limits=Limits(timeout_ms=50))
    assert not is_alive(first)
    run(pool, "return 1")
    assert pool.guest_pids()["wsp_1"] != first


def test_the_guest_used_least_recently_makes_room() -> None:
    with running_pool(max_guests=2) as pool:
        for owner in ("wsp_1", "wsp_2", "wsp_1", "wsp_3"):
            assert value(run_for(pool, owner, "return 1")) == 1
        assert set(pool.guest_pids()) == {"wsp_1", "wsp_3"}


def test_more_owners_than_guests_at_once_wait_for_each_other() -> None:
    with running_pool(max_guests=2) as pool, ThreadPoolExecutor(6) as threads:
        owners = [f"wsp_{n % 6}" for n in range(12)]
        results = list(threads.map(lambda owner: run_for(pool, owner, "return 1"), owners))
        assert [value(r) for r in results] == [1] * 12
        assert len(pool.guest_pids()) <= 2


def test_threads_of_one_owner_take_turns(pool: SandboxPool) -> None:
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda n: run(pool, "return payload", n), range(40)))
    assert [value(r) for r in results] == list(range(40))
    assert len(pool.guest_pids()) == 1


def test_a_guest_outlives_the_thread_that_asked_for_it(pool: SandboxPool) -> None:
    thread = threading.Thread(target=run, args=(pool, "return 1"))
    thread.start()
    thread.join()
    pid = pool.guest_pids()["wsp_1"]
    assert value(run(pool, "return 2")) == 2
    assert pool.guest_pids()["wsp_1"] == pid


def test_a_guest_killed_between_batches_is_replaced(pool: SandboxPool) -> None:
    run(pool, "return 1")
    os.kill(pool.guest_pids()["wsp_1"], signal.SIGKILL)
    assert value(run(pool, "return 2")) == 2


def test_a_guest_killed_in_the_middle_of_a_batch_costs_no_result(pool: SandboxPool) -> None:
    code = "let x = 0; for (let i = 0; i < 2e6; i++) x += i; return payload"
    calls = [make_call(n) for n in range(40)]
    limits = Limits(timeout_ms=10_000, slice_ms=10_000)
    with ThreadPoolExecutor(1) as threads:
        coming = threads.submit(run_all, pool, code, calls, limits=limits)
        pid = guest_pid(pool)
        wait_until("the guest computes", lambda: is_busy(pid))
        os.kill(pid, signal.SIGKILL)
        assert [value(r) for r in coming.result()] == list(range(40))
    assert pool.guest_pids()["wsp_1"] != pid


def test_a_guest_that_is_stopped_is_killed_at_the_deadline(pool: SandboxPool) -> None:
    run(pool, "return 1")
    stopped = pool.guest_pids()["wsp_1"]
    os.kill(stopped, signal.SIGSTOP)
    limits = Limits(timeout_ms=50, slice_ms=1)
    # The first deadline is not the call's fault: alone, in a fresh guest, it is as fast as ever.
    assert value(run(pool, "return 1", limits=limits)) == 1
    assert not is_alive(stopped)


def test_closing_the_pool_ends_every_guest() -> None:
    with running_pool() as pool:
        for owner in ("wsp_1", "wsp_2"):
            run_for(pool, owner, "return 1")
        pids = pool.guest_pids().values()
        assert all(is_alive(pid) for pid in pids)
    assert not any(is_alive(pid) for pid in pids)


def test_a_closed_pool_has_no_guests_to_give() -> None:
    with running_pool() as pool:
        pass
    with pytest.raises(GuestUnavailable, match="closed"):
        run(pool, "return 1")


def test_closing_the_pool_ends_a_run_that_is_under_way() -> None:
    with running_pool() as pool, ThreadPoolExecutor(1) as threads:
        coming = threads.submit(run, pool, "for (;;);", limits=Limits(timeout_ms=60_000))
        guest_pid(pool)
        pool.close()
        with pytest.raises(GuestUnavailable):
            coming.result(timeout=10)


@pytest.mark.parametrize("code", ["return 1", "for (;;);"], ids=["idle", "busy"])
def test_a_guest_dies_with_its_host(code: str) -> None:
    host = f"""
import threading
import time
from sandbox import Limits, SandboxPool
from tests.hostile.sandboxes import run
pool = SandboxPool(limits=Limits(timeout_ms=600_000))
threading.Thread(target=run, args=(pool, {code!r})).start()
while not pool.guest_pids():
    pass
print(pool.guest_pids()["wsp_1"], flush=True)
threading.Event().wait()
"""
    with running([sys.executable, "-c", host]) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert is_alive(pid)
        process.kill()
        wait_until("the guest is gone", lambda: not is_alive(pid))


def test_a_guest_is_confined(pool: SandboxPool) -> None:
    run(pool, "return 1")
    pid = pool.guest_pids()["wsp_1"]
    folder = Path(f"/proc/{pid}")
    assert "NoNewPrivs:\t1" in (folder / "status").read_text(encoding="ascii")
    assert os.getsid(pid) == pid
    limits = (folder / "limits").read_text(encoding="ascii").splitlines()
    hard = {line[:26].strip(): line[47:68].strip() for line in limits}
    assert hard["Max core file size"] == "0"
    assert hard["Max file size"] == "0"
    assert int(hard["Max open files"]) <= 16
    assert int(hard["Max data size"]) <= 1 << 30


def test_a_guest_inherits_nothing_but_its_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    with Path(__file__).open("rb") as file, running_pool() as pool:
        os.set_inheritable(file.fileno(), True)
        run(pool, "return 1")
        folder = Path(f"/proc/{pool.guest_pids()['wsp_1']}")
        variables = (folder / "environ").read_bytes().split(b"\0")
        opened = {int(entry.name): str(entry.readlink()) for entry in (folder / "fd").iterdir()}
    assert sorted(v.partition(b"=")[0] for v in variables if v) == [b"LANG", b"TZ"]
    assert [opened.pop(number).partition(":")[0] for number in (0, 1, 2)] == ["pipe"] * 3
    # What is left is the figures of its own memory.
    assert [place.rpartition("/")[2] for place in opened.values()] == ["statm"]


def test_guests_come_from_a_zygote_that_is_replaced_when_it_ends(pool: SandboxPool) -> None:
    run(pool, "return 1")
    first = pool.guest_pids()["wsp_1"]
    os.kill(parent_of(first), signal.SIGKILL)
    wait_until("the guest has gone with its zygote", lambda: not is_alive(first))
    assert value(run(pool, "return 2")) == 2
    assert parent_of(pool.guest_pids()["wsp_1"]) != 1


def test_the_zygote_has_no_thread_and_runs_no_code(pool: SandboxPool) -> None:
    run(pool, "return 1")
    zygote = parent_of(pool.guest_pids()["wsp_1"])
    assert len(list(Path(f"/proc/{zygote}/task").iterdir())) == 1


def test_a_guest_that_nobody_uses_is_ended() -> None:
    with running_pool(idle_s=1.5) as pool:
        run(pool, "return 1")
        pid = pool.guest_pids()["wsp_1"]
        wait_until("the idle guest is gone", lambda: not is_alive(pid))
        assert pool.guest_pids() == {}


def test_a_pool_that_rests_keeps_no_process_while_there_is_no_guest() -> None:
    with running_pool(idle_s=0.4, rests=True) as pool:
        run(pool, "return 1")
        zygote = parent_of(pool.guest_pids()["wsp_1"])
        wait_until("the zygote is gone", lambda: not is_alive(zygote))
        assert value(run(pool, "return 2")) == 2


def test_no_guest_goes_with_a_zygote_that_is_let_go_meanwhile() -> None:
    # Let the janitor look at the seats without the lock, or count no guests in `layers`, to see it fail.
    with running_pool(idle_s=0.04, rests=True) as pool, ThreadPoolExecutor(3) as threads:

        def use(owner: int) -> None:
            for n in range(25):
                assert value(run_for(pool, f"wsp_{owner}", f"return {n}")) == n
                time.sleep(0.02 * (n % 5))

        def look() -> None:
            for n in range(25):
                assert pool.layers()
                time.sleep(0.02 * (n % 5))

        for done in [threads.submit(use, 1), threads.submit(use, 2), threads.submit(look)]:
            done.result()


def test_guests_that_hold_too_much_together_make_room() -> None:
    with running_pool(max_memory_mb=80) as pool:
        for owner in ("wsp_1", "wsp_2", "wsp_3"):
            run_for(pool, owner, "return 1")
        assert set(pool.guest_pids()) == {"wsp_3"}


def test_a_thousand_workspaces_in_turn_neither_leak_nor_stall() -> None:
    with running_pool(max_guests=4) as pool:
        slowest_s = 0.0
        before = open_files()
        for n in range(1_000):
            started = time.monotonic()
            assert value(run_for(pool, f"wsp_{n}", "return payload")) is None
            slowest_s = max(slowest_s, time.monotonic() - started)
            if n == 10:
                before = open_files()
                zygote = parent_of(pool.guest_pids()[f"wsp_{n}"])
                held = resident_kb(zygote)
        assert len(pool.guest_pids()) == 4
        assert open_files() == before
        assert resident_kb(zygote) < held + 2_048
        assert slowest_s < 2
    assert not is_alive(zygote)


def test_one_owner_that_never_ends_does_not_hold_up_another(pool: SandboxPool) -> None:
    with ThreadPoolExecutor(1) as threads:
        coming = threads.submit(run, pool, "for (;;);", limits=Limits(timeout_ms=1_000))
        guest_pid(pool)
        assert value(run_for(pool, "wsp_2", "return 1")) == 1
        assert not coming.done()
        assert coming.result() == TimedOut(1_000)
