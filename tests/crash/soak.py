"""A soak: processes are killed with SIGKILL at random while webhooks stream in, and the books must tally.

``python -m tests.crash.soak --webhooks 30000 --kills 300 --transformations 20 --seed 7``, or
``make soak``. Ends with 1 on any breach, and then keeps the data folder. The seed repeats which
roles are killed and after what pauses; what they were doing at that moment nobody can repeat.

Webhooks come in bursts, one a kill, and the kill falls somewhere into the burst or behind it: that
is what makes it hit processes that work. What must hold afterwards stands in ``books.py``.
"""

import argparse
import os
import random
import secrets
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.crash import orphans
from tests.crash.books import BLOCK, Evidence, Logged, Sent, breaches, figures
from tests.crash.lanes import Gate, Lane, acknowledged_by
from tests.support.processes import is_alive
from tests.support.system import Made, System, is_ready, running_system
from transformer.queue.connection import open_redis, read_drains

ROLES = ("web", "worker", "writer", "scheduler", "valkey")

# Two transformations share a source, so that one append must reach both or none.
_SHARING = 2
_LANES_A_SOURCE = 2
_WORKERS = 2

# A kill comes within so long after its burst, and the next burst so long after the kill.
_WITHIN_BURST_S = 0.4
_UNTIL_NEXT_BURST_S = 1.6
# No burst comes on top of so many deliveries that are due still, or bursts not acknowledged yet: with
# nothing but processes at their birth to kill, all of them would end up in a crash loop's backoff.
_MOST_DUE = 6_000
_MOST_BURSTS = 3
_LOOK_S = 0.05

_CODE = """
const block = `${NAME}-${payload.lane}-${Math.floor(payload.number / BLOCK)}`;
return { attributes: [
  { external_id: block, hits: { inc: 1 }, seen: { add: [context.event_id] }, _update_existing_only: false },
  { external_id: NAME, hits: { inc: 1 }, _update_existing_only: false },
] };
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one soak does.

    Args:
        webhooks: how many must be acknowledged.
        kills: how many processes are killed meanwhile.
        transformations: how many there are; two share a source.
        seed: of what is killed and when.
        most_seconds: it is a breach if all of it takes longer.
    """

    webhooks: int
    kills: int
    transformations: int
    seed: int
    most_seconds: float


@dataclass(frozen=True, slots=True)
class State:
    """How far a soak has come."""

    kills: int
    acknowledged: int
    logged: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a soak came to.

    Args:
        breaches: what must not be; empty if every promise was kept.
        kills: how many processes of each role were killed.
        figures: what was counted.
        seconds: from the first burst until nothing waited any more.
        longest_stall_s: for how long deliveries were due and none was logged.
    """

    breaches: Sequence[str]
    kills: Mapping[str, int]
    figures: Mapping[str, int]
    seconds: float
    longest_stall_s: float


class Overdue(Exception):
    """The soak takes longer than it may."""


def soak(plan: Plan, folder: Path, *, on_state: Callable[[State], object] = id) -> Report:
    """Run one soak on a new data folder in ``folder``."""
    with (
        orphans.adopted() as leftovers,
        running_system(folder / "data", workers=_WORKERS) as system,
    ):
        run = _Run(plan, system)
        report = run.go(on_state)
        found = [*report.breaches, *leftovers(system.instance.pids)]
    return Report(found, report.kills, report.figures, report.seconds, report.longest_stall_s)


class _Run:
    """One soak on one running system."""

    def __init__(self, plan: Plan, system: System) -> None:
        self._plan = plan
        self._system = system
        self._random = random.Random(plan.seed)  # noqa: S311 - it must be repeatable
        self._gate = Gate()
        self._kills: Counter[str] = Counter()
        self._started = time.monotonic()
        self._ends_at = self._started + plan.most_seconds
        self._made = _make(system, plan.transformations)
        self._lanes = self._open_lanes()
        self._moved_at = self._started
        self._last = State(0, 0, 0)
        self._longest_stall_s = 0.0
        self._on_state: Callable[[State], object] = id

    def go(self, on_state: Callable[[State], object]) -> Report:
        self._on_state = on_state
        overdue = ""
        for lane in self._lanes:
            lane.start()
        try:
            self._kill_all()
            self._settle()
        except Overdue as late:
            overdue = str(late)
        finally:
            self._gate.end()
            for lane in self._lanes:
                lane.join()
        seconds = time.monotonic() - self._started
        self._look()
        evidence = self._evidence()
        found = breaches(evidence)
        if overdue:
            found.insert(0, overdue)
        return Report(found, self._kills, figures(evidence), seconds, self._longest_stall_s)

    def _open_lanes(self) -> list[Lane]:
        urls = [made.url for made in self._made[::_SHARING]]
        lanes = len(urls) * _LANES_A_SOURCE
        shares = [len(range(lane, self._plan.webhooks, lanes)) for lane in range(lanes)]
        return [
            Lane(lane, urls[lane % len(urls)], count=share, gate=self._gate)
            for lane, share in enumerate(shares)
        ]

    def _kill_all(self) -> None:
        plan = self._plan
        for kill in range(plan.kills):
            # Whole shares, that add up to all webhooks at the last kill.
            burst = plan.webhooks * (kill + 1) // plan.kills - plan.webhooks * kill // plan.kills
            self._gate.let_go(burst)
            self._pass(self._random.uniform(0, _WITHIN_BURST_S))
            self._kill_one()
            self._pass(self._random.uniform(0, _UNTIL_NEXT_BURST_S))
            self._wait("the backlog is small", lambda: self._due() < _MOST_DUE)
            self._wait(
                "most bursts are acknowledged",
                partial(
                    self._has_acknowledged, plan.webhooks * (kill + 2 - _MOST_BURSTS) // plan.kills
                ),
            )

    def _kill_one(self) -> None:
        """Kill a process of a random role among those that run.

        To wait for one that does not would kill it at its birth each time, and the supervisor takes
        that for a crash loop.
        """
        role_at, at = self._random.random(), self._random.random()

        def killed() -> bool:
            pids = self._system.instance.pids
            alive = {role: [pid for pid in pids.get(role, []) if is_alive(pid)] for role in ROLES}
            roles = [role for role in ROLES if alive[role]]
            if not roles:
                return False
            role = roles[int(role_at * len(roles))]
            os.kill(alive[role][int(at * len(alive[role]))], signal.SIGKILL)
            self._kills[role] += 1
            return True

        self._wait("a process runs", killed)

    def _settle(self) -> None:
        """Wait until all is acknowledged, and nothing is on its way any more."""
        self._wait(
            "every webhook is acknowledged",
            lambda: not any(lane.is_alive() for lane in self._lanes),
        )
        self._wait("the system is ready", lambda: is_ready(self._system.instance.url))
        connection = open_redis(self._system.instance.redis_url)
        # A stream that holds an entry has a mark, and only an empty stream loses it (I1).
        self._wait("nothing waits in a stream", lambda: not read_drains(connection))
        connection.close()

    def _has_acknowledged(self, count: int) -> bool:
        return self._look().acknowledged >= count

    def _due(self) -> int:
        state = self._look()
        return state.acknowledged * _SHARING - state.logged

    def _look(self) -> State:
        """See how far it has come, and for how long it has stood still."""
        ((logged,),) = self._system.rows("select count(*) from deliveries")
        state = State(sum(self._kills.values()), acknowledged_by(self._lanes), int(logged))
        now = time.monotonic()
        if state.logged != self._last.logged or state.logged >= state.acknowledged * _SHARING:
            self._longest_stall_s = max(self._longest_stall_s, now - self._moved_at)
            self._moved_at = now
        self._last = state
        self._on_state(state)
        return state

    def _pass(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._look()
            time.sleep(min(left, _LOOK_S))

    def _wait(self, what: str, condition: Callable[[], bool]) -> None:
        while not condition():
            if time.monotonic() > self._ends_at:
                raise Overdue(f"not done: after {self._plan.most_seconds:.0f} s, not yet: {what}")
            self._look()
            time.sleep(_LOOK_S)

    def _evidence(self) -> Evidence:
        rows = self._system.rows
        names = {made.id: _name(at) for at, made in enumerate(self._made)}
        evidence = Evidence(
            sent={(lane.lane, n): times for lane in self._lanes for n, times in lane.sent.items()},
            acknowledged={
                event_id: sent
                for lane in self._lanes
                for event_id, sent in lane.acknowledged.items()
            },
            source_of_lane={
                lane.lane: lane.lane % (len(self._lanes) // _LANES_A_SOURCE) for lane in self._lanes
            },
            source_of_transformation={_name(at): at // _SHARING for at in range(len(self._made))},
            log={name: [] for name in names.values()},
        )
        for event_id, body in rows("select id, body from events"):
            evidence.events[event_id] = Sent(**orjson.loads(body))
        for transformation_id, event_id, state in rows(
            "select transformation_id, event_id, state from deliveries order by rowid"
        ):
            evidence.log[names[transformation_id]].append(Logged(event_id, state))
        for external_id, document in rows("select external_id, document from profiles"):
            held: dict[str, Any] = orjson.loads(document)["custom_attributes"]
            evidence.hits[external_id] = held["hits"]
            if "seen" in held:
                evidence.seen[external_id] = held["seen"]
        return evidence


def _name(at: int) -> str:
    return f"t{at}"


def _make(system: System, count: int) -> list[Made]:
    made = [
        system.make(
            _name(at),
            f'const NAME = "{_name(at)}", BLOCK = {BLOCK};{_CODE}',
            publish=False,
        )
        for at in range(count)
    ]
    for first, *others in (made[at : at + _SHARING] for at in range(0, count, _SHARING)):
        for other in others:
            share_source(system, other, with_=first)
    for one in made:
        system.call("POST", f"/api/transformations/{one.id}/publish", json={})
    return made


def share_source(system: System, made: Made, *, with_: Made) -> None:
    """Let a transformation have the events of another's source; the API has no word for that yet."""
    path = system.instance.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
        connection.execute(
            "update transformations set source_id = "
            "(select source_id from transformations where id = ?) where id = ?",
            (with_.id, made.id),
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a soak as the command line wants it; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.soak", description=__doc__)
    parser.add_argument("--webhooks", type=int, default=30_000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--transformations", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="default: another each time")
    parser.add_argument("--most-seconds", type=float, default=1_800.0)
    parser.add_argument("--in", dest="place", type=Path, default=None, help="where its data stands")
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    plan = Plan(given.webhooks, given.kills, given.transformations, seed, given.most_seconds)
    folder = Path(tempfile.mkdtemp(prefix="soak-", dir=given.place))
    console = Console()
    console.print(f"Seed {plan.seed}, on {folder}")
    report = _shown(plan, folder, console)
    console.print(_table(plan, report))
    if report.breaches:
        for breach in report.breaches:
            console.print(breach, style="red", highlight=False, markup=False)
        console.print(f"{len(report.breaches)} breaches. Everything is kept in {folder}.")
        return 1
    shutil.rmtree(folder)
    console.print("Nothing lost, nothing twice, all in order.")
    return 0


def _shown(plan: Plan, folder: Path, console: Console) -> Report:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        kills = progress.add_task("kills", total=plan.kills)
        acknowledged = progress.add_task("acknowledged", total=plan.webhooks)
        logged = progress.add_task("delivered", total=plan.webhooks * _SHARING)

        def show(state: State) -> None:
            progress.update(kills, completed=state.kills)
            progress.update(acknowledged, completed=state.acknowledged)
            progress.update(logged, completed=state.logged)

        return soak(plan, folder, on_state=show)


def _table(plan: Plan, report: Report) -> Table:
    table = Table("soak", f"seed {plan.seed}", title_justify="left")
    by_role = ", ".join(f"{count} {role}" for role, count in sorted(report.kills.items()))
    table.add_row("killed", f"{sum(report.kills.values())}: {by_role}")
    table.add_row("transformations", str(plan.transformations))
    for name, count in report.figures.items():
        table.add_row(name, f"{count:,}")
    table.add_row("seconds", f"{report.seconds:.0f}")
    table.add_row("longest stall", f"{report.longest_stall_s:.1f} s")
    table.add_row("breaches", str(len(report.breaches)))
    return table


if __name__ == "__main__":
    sys.exit(main())
