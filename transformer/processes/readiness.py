"""What `/readyz` tells: whether web can accept, which processes live, and what is not as it should be.

Only what accepting needs decides the status. A webhook that is accepted while no worker runs waits
safely in Redis, and refusing it would lose it: that is `degraded`, for people and alarms.
"""

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import redis

from sandbox import GuestUnavailable, LayerState, SandboxPool
from transformer.api.deps import Complaint, Seen, Watched
from transformer.errors import TransformerError
from transformer.queue.appends import ALMOST_FULL
from transformer.queue.beats import Beat, Beats
from transformer.queue.keys import DrainKind
from transformer.queue.survey import Survey, survey
from transformer.store.engine import Engine, reading
from transformer.store.routes import find_route
from transformer.store.steps import check_migrated
from transformer.worker.pool import report_layers

_NEEDED = ("worker", "writer", "scheduler")
# A drain lasts half a second and one event's limit; RQ ends it after two minutes.
_STUCK_S = 60.0
_LATE_S = 30.0
_DISK_SHARE_FREE = 0.05


class Readiness:
    """Looks at everything that web can see."""

    def __init__(
        self, engine: Engine, connection: redis.Redis, pool: SandboxPool, *, data_dir: Path
    ) -> None:
        self._engine = engine
        self._connection = connection
        self._beats = Beats(connection)
        self._pool = pool
        self._data_dir = data_dir
        self._layers: Sequence[LayerState] = ()
        self._no_guest: str | None = None
        _complaint_of(self._sandbox)

    def problems(self) -> list[tuple[str, str | None]]:
        """Give each service that accepting needs, with what is wrong with it or None."""
        return [
            ("redis", _complaint_of(self._beats.accepting)),
            ("store", _complaint_of(self._route)),
            # Where all layers are required and one is missing, no worker will ever run.
            ("sandbox", _complaint_of(self._sandbox)),
        ]

    def layers(self) -> list[tuple[str, bool, str]]:
        """Give each layer of the sandbox: its name, whether it is in force, how or why not."""
        return [(state.layer.value, state.in_force, state.detail) for state in self._layers]

    def watched(self) -> Watched:
        """Give the processes that live, and what is not as it should be.

        Raises:
            QueueUnavailable: Redis does not answer.
        """
        living = [beat for beat in self._beats.read() if beat.is_alive]
        found = [*missing(living), *strained(survey(self._connection))]
        others = {
            "sandbox_unavailable": self._no_guest,
            "store_behind": _complaint_of(lambda: check_migrated(self._engine)),
            "disk_almost_full": _disk_complaint(self._data_dir),
        }
        found += [Complaint(reason, detail) for reason, detail in others.items() if detail]
        seen = [Seen(one.role, one.instance, one.age_s, one.busy_s) for one in living]
        return Watched(seen, found)

    def _route(self) -> None:
        # The very question that a webhook asks.
        with reading(self._engine) as connection:
            find_route(connection, token="")

    def _sandbox(self) -> None:
        """Look at the layers until they are known: they do not change while we run."""
        if self._layers:
            return
        try:
            self._layers = report_layers(self._pool)
        except GuestUnavailable as error:
            self._no_guest = str(error)
        else:
            self._no_guest = None


def missing(living: Sequence[Beat]) -> Iterable[Complaint]:
    """Complain of each role that nobody plays, and of drains that do not end."""
    roles = {beat.role for beat in living}
    for role in _NEEDED:
        if role not in roles:
            yield Complaint(f"no_{role}", f"No {role} process has been heard of lately.")
    for beat in living:
        if beat.busy_s > _STUCK_S:
            yield Complaint(
                "drain_stuck",
                f"{beat.role} {beat.instance} has been at one drain for {beat.busy_s:.0f} s.",
            )


def strained(found: Survey) -> Iterable[Complaint]:
    """Complain of what waits too long, and of a Redis that fills up."""
    for kind, what in ((DrainKind.TRANSFORM, "worker"), (DrainKind.WRITE, "writer")):
        oldest_s = found.waiting[kind].oldest_s
        if oldest_s > _LATE_S:
            yield Complaint(
                "queue_delayed", f"The oldest entry for a {what} has waited {oldest_s:.0f} s."
            )
    if 0 < found.memory_limit_bytes * ALMOST_FULL < found.memory_bytes:
        share = found.memory_bytes / found.memory_limit_bytes
        yield Complaint("redis_almost_full", f"Redis has used {share:.0%} of its memory.")


def _complaint_of(look: Callable[[], str | None]) -> str | None:
    try:
        return look()
    except TransformerError as error:
        return error.message


def _disk_complaint(folder: Path) -> str | None:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None  # web keeps nothing here: Redis and the store are elsewhere
    if usage.free > usage.total * _DISK_SHARE_FREE:
        return None
    return f"The disk of {folder} has {usage.free // 1_048_576:,} MB left."
