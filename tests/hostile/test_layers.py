"""Each layer holds alone: attacks by native code against one layer, with all others switched off."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox import IsolationMissing, Layer, Limits, OutOfMemory, SandboxPool
from sandbox.attacks.attack import Attack, load_corpus
from sandbox.attacks.native import OF_THE_PROCESS, run_against
from sandbox.child import SpawnedChild
from sandbox.errors import GuestGone
from sandbox.guest import seccomp
from sandbox.nursery import Nursery
from sandbox.process import GuestProcess
from sandbox.protocol import Hello
from tests.hostile.sandboxes import make_call, program, run, running_pool

NATIVE = {attack.name: attack for attack in load_corpus() if attack.group == "host"}
ALONE = [
    pytest.param(attack, Layer(word), id=f"{word}-{name}")
    for name, attack in NATIVE.items()
    for word in attack.options["layers"].split()
]


@pytest.mark.parametrize(("attack", "layer"), ALONE)
def test_a_layer_stops_the_attack_alone(attack: Attack, layer: Layer) -> None:
    finding = run_against(attack, {layer})
    assert finding.held, finding.found


@pytest.mark.parametrize("attack", NATIVE.values(), ids=NATIVE)
def test_all_layers_together_stop_the_attack(attack: Attack) -> None:
    finding = run_against(attack, OF_THE_PROCESS)
    assert finding.held, finding.found


@pytest.mark.parametrize("attack", NATIVE.values(), ids=NATIVE)
def test_without_layers_the_attack_gets_through(attack: Attack) -> None:
    if os.geteuid() != 0:
        pytest.skip("what gets through for root may not for others")
    finding = run_against(attack, ())
    assert not finding.held, finding.found


def test_every_layer_of_the_process_has_attacks_that_it_stops_alone() -> None:
    assert {param.values[1] for param in ALONE} == OF_THE_PROCESS


def test_every_layer_is_in_force_here_and_says_so() -> None:
    with running_pool() as pool:
        states = pool.layers()
    assert {state.layer for state in states} == set(Layer)
    assert [state for state in states if not state.in_force] == []


def test_a_layer_that_is_required_and_missing_lets_no_code_run() -> None:
    nursery = Nursery(
        heap_mb=16,
        required=frozenset(Layer),
        layers=frozenset(Layer) - {Layer.SECCOMP, Layer.LANDLOCK},
    )
    try:
        with pytest.raises(IsolationMissing, match=r"landlock \(switched off\), seccomp"):
            nursery.start()
    finally:
        nursery.close()


def test_a_layer_that_is_missing_and_not_required_is_reported() -> None:
    nursery = Nursery(heap_mb=16, layers=frozenset(Layer) - {Layer.SECCOMP})
    try:
        guest = nursery.start()
        guest.close()
    finally:
        nursery.close()
    assert [state.layer for state in guest.layers if not state.in_force] == [Layer.SECCOMP]


def test_no_page_of_a_guest_is_writable_and_executable() -> None:
    """By the engine's doing alone: seccomp would only forbid to make more of them."""
    nursery = Nursery(heap_mb=16, layers=frozenset(Layer) - {Layer.SECCOMP})
    with running_pool(nursery=nursery) as pool:
        run(pool, "return [payload].map((x) => x)")
        maps = Path(f"/proc/{pool.guest_pids()['wsp_1']}/maps").read_text(encoding="utf-8")
    rights = [line.split()[1] for line in maps.splitlines()]
    assert not [each for each in rights if "w" in each and "x" in each]
    anonymous = [line for line in maps.splitlines() if "x" in line.split()[1] and "/" not in line]
    # The one page of the callback, and what the kernel maps.
    assert len([line for line in anonymous if "[" not in line]) <= 1


def test_code_is_as_limited_without_the_layers_of_the_process() -> None:
    """The realm, determinism and the limits hold by themselves."""
    layers = frozenset(Layer) - OF_THE_PROCESS
    with running_pool(nursery=Nursery(heap_mb=64, layers=layers)) as pool:
        assert run(pool, "for (;;);", limits=Limits(timeout_ms=50)).limit_ms == 50  # type: ignore[union-attr]
        code = "const a = []; for (;;) a.push(new Uint8Array(1e7).fill(1))"
        assert isinstance(run(pool, code, limits=Limits(timeout_ms=20_000)), OutOfMemory)


# A guest that says hello and then takes memory, as one would that was taken over.
_GREEDY = """
import os, sys, time
os.write(1, bytes.fromhex(sys.argv[1]))
os.read(0, 1 << 20)
held = bytearray(300 << 20)
time.sleep(60)
"""


def test_the_host_ends_a_guest_that_holds_too_much_memory() -> None:
    """With no limit but what the host sees from outside."""
    command = [sys.executable, "-I", "-S", "-c", _GREEDY, Hello(()).encode().hex()]
    guest = GuestProcess(SpawnedChild(command), most_resident_bytes=200 << 20)
    started = time.monotonic()
    with pytest.raises(GuestGone) as gone:
        guest.ask(b"?", timeout_s=30)
    guest.close()
    assert gone.value.out_of_memory
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_knows_what_to_do_with_every_call_in_its_table(machine: str) -> None:
    entry = seccomp.MACHINES[machine]
    instructions = seccomp.filter_of(entry.audit_name, entry.numbers, own_pid=1)
    assert len(instructions) < 4_096
    assert len(set(entry.numbers.values())) == len(entry.numbers)


# abseil, in V8, asks so when two threads wait for one mutex: seldom, and a guest died of it.
_ASKS_FOR_ITS_PRIORITY = """
import os
from sandbox.guest.kernel import prctl
from sandbox.guest.seccomp import restrict
prctl(38, 1)  # PR_SET_NO_NEW_PRIVS, which filters need
restrict()
os.write(1, b"%d" % os.sched_getscheduler(0))
os.write(1, b"%d" % os.sched_getparam(0).sched_priority)
os._exit(0)
"""


def test_a_guest_whose_threads_meet_at_a_mutex_lives_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ASKS_FOR_ITS_PRIORITY], capture_output=True, check=True
    )
    assert done.stdout == b"00"


def test_the_next_call_after_an_attack_runs_in_a_guest_that_is_as_confined() -> None:
    with running_pool() as pool:
        run(pool, "for (;;);", limits=Limits(timeout_ms=50))
        pool.run("wsp_1", program("return 1"), [make_call()])
        status = Path(f"/proc/{pool.guest_pids()['wsp_1']}/status").read_text("ascii")
    assert "Seccomp:\t2" in status
    assert "CapEff:\t0000000000000000" in status
    assert "CapBnd:\t0000000000000000" in status
    assert "Uid:\t0" not in status


def test_a_pool_can_be_told_to_require_everything() -> None:
    with SandboxPool(limits=Limits(), required=frozenset(Layer)) as pool:
        [result] = pool.run("wsp_1", program("return 1"), [make_call()])
        assert getattr(result, "output", None) == b"1"
