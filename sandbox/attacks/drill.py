"""A drill: attacks run against the sandbox of this machine, one verdict each.

Decided here: which runner an attack goes to, what runs at the same time, and when a drill is over.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from sandbox.attacks.attack import Attack
from sandbox.attacks.garbage import run_garbage
from sandbox.attacks.native import run_native
from sandbox.attacks.scripts import run_script
from sandbox.attacks.verdict import Finding, Verdict
from sandbox.pool import SandboxPool

Runner = Callable[[Attack, SandboxPool], Finding]

# By the suffix of the attack's file; a new kind of attack is one line here and its module.
RUNNERS: Mapping[str, Runner] = {
    ".js": run_script,
    ".toml": run_garbage,
    ".py": run_native,
}

_LONGEST = 400
_NOT_RUN = "not run: the time for the drill was over"


def run_attack(attack: Attack, pool: SandboxPool) -> Verdict:
    """Run one attack.

    Raises:
        GuestUnavailable: no guest can be started.
    """
    started = time.monotonic()
    finding = RUNNERS[attack.path.suffix](attack, pool)
    found = finding.found if len(finding.found) <= _LONGEST else f"{finding.found[:_LONGEST]}…"
    return Verdict(attack, finding.held, found, time.monotonic() - started)


def run_drill(
    attacks: Sequence[Attack],
    pool: SandboxPool,
    *,
    tell: Callable[[Verdict], None],
    timeout_s: float = 300.0,
    at_a_time: int = 2,
) -> list[Verdict]:
    """Run attacks; return their verdicts, in order.

    Groups run beside each other, the attacks of a group one after the other: they share a guest, so
    each also shows that the one before it left the guest usable.

    Args:
        attacks: sorted by group, as :func:`load_corpus` gives them.
        pool: the sandbox under attack, with at least the usual limits.
        tell: called with each verdict as it comes, from one thread at a time.
        timeout_s: an attack that has not begun by then is not run, and has not been held.
        at_a_time: how many groups run at a time.

    Raises:
        GuestUnavailable: no guest can be started.
    """
    ends_at = time.monotonic() + timeout_s
    given_up = threading.Event()
    telling = threading.Lock()

    def run_group(group: Sequence[Attack]) -> list[Verdict]:
        verdicts = []
        for attack in group:
            if time.monotonic() < ends_at and not given_up.is_set():
                verdict = run_attack(attack, pool)
            else:
                verdict = Verdict(attack, held=False, found=_NOT_RUN, duration_s=0.0)
            with telling:
                tell(verdict)
            verdicts.append(verdict)
        return verdicts

    groups = [list(group) for _, group in groupby(attacks, key=lambda attack: attack.group)]
    with ThreadPoolExecutor(at_a_time, thread_name_prefix="drill") as executor:
        try:
            return [each for verdicts in executor.map(run_group, groups) for each in verdicts]
        finally:
            # Whoever is interrupted waits for the attacks that run now, not for all the others.
            given_up.set()
