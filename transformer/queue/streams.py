"""Streams of events and settlements, and the marks that say which drain owns each.

Every state change is one Lua script, so a crash falls before it or after it and never inside.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import redis

from transformer.errors import Broken, QueueUnavailable
from transformer.queue.appends import (
    Append,
    DueDrain,
    Wish,
    append_arguments,
    held_of,
    is_almost_full,
)
from transformer.queue.connection import script_text, translated
from transformer.queue.jobs import new_job_id
from transformer.queue.keys import CONFIG_VERSION, DRAINS, GENERATION, mark_of
from transformer.queue.replies import Reply, send_replies

# A drain that has not been heard of for so long is taken for dead. Each of its scripts renews it, and
# between them lease.py: only a process that was killed, or stood still, is silent.
LEASE_MS = 3_000

# After a drain failed, its stream waits so long, twice as long after each failure in a row, and a
# random share less, so that streams that failed together do not come back together.
FIRST_DELAY_MS = 1_000
LONGEST_DELAY_MS = 60_000
_LEAST_SHARE = 0.5

# The share of Redis' memory that settling may fill. The rest stays free for RQ's jobs and for marks,
# without which nothing would be applied and removed.
_FULL_TO_SETTLE = 0.95

# What a batch may weigh: it is held by the worker, the guest and V8 at once.
BATCH_EVENTS = 256
BATCH_BYTES = 4 * 1_048_576


# Not frozen, though nothing changes it: there is one for each event.
@dataclass(slots=True)
class Entry:
    """One entry of a stream, as Redis holds it."""

    id: str
    fields: list[bytes]

    @property
    def appended_s(self) -> float:
        """When it was appended, by Redis' clock: seconds since 1970."""
        return int(self.id.partition("-")[0]) / 1_000


@dataclass(frozen=True, slots=True)
class Batch:
    """What a drain takes at once; ``tries`` counts how often its first entry was taken.

    ``generation`` names the life of Redis that the entries are of: another may know nothing of them.
    """

    config_version: str
    tries: int
    entries: list[Entry]
    generation: str


class Fenced(Exception):
    """Another drain owns the stream by now; whatever this one did is void."""


def after(entry_id: str) -> str:
    """Name the smallest id behind an entry's."""
    milliseconds, _, sequence = entry_id.partition("-")
    return f"{milliseconds}-{int(sequence) + 1}"


class Streams:
    """What drains, rescue and replays do with streams."""

    def __init__(self, connection: redis.Redis, *, lease_ms: int = LEASE_MS) -> None:
        self._connection = connection
        self._lease_ms = lease_ms
        self._append = connection.register_script(script_text("memory", "admission", "append"))
        self._claim = connection.register_script(script_text("claim"))
        self._take = connection.register_script(script_text("generation", "take"))
        self._settle = connection.register_script(script_text("generation", "memory", "settle"))
        self._trim = connection.register_script(script_text("generation", "trim"))
        self._finish = connection.register_script(script_text("finish"))
        self._postpone = connection.register_script(script_text("postpone"))
        self._renew = connection.register_script(script_text("renew"))

    def append(self, appends: Sequence[Append]) -> list[DueDrain]:
        """Append all entries or none."""
        keys, arguments = append_arguments([Wish(appends)], "")
        with translated():
            return held_of(self._append(keys=keys, args=arguments)).due

    def claim(self, stream: str, job_id: str) -> bool:
        """Begin a drain; False if the job is stale: rescued, or begun already."""
        with translated():
            return bool(self._claim(keys=[mark_of(stream)], args=[job_id, self._lease_ms]))

    def renew(self, stream: str, job_id: str) -> bool:
        """Say that a drain lives; False if another one owns the stream."""
        with translated():
            return bool(self._renew(keys=[mark_of(stream)], args=[job_id, self._lease_ms]))

    def take(
        self,
        stream: str,
        job_id: str,
        *,
        after_id: str = "",
        generation: str = "",
        most: int = BATCH_EVENTS,
    ) -> Batch:
        """Read the next batch and renew the lease; nothing is removed.

        Args:
            stream: what to read.
            job_id: who reads.
            after_id: the entry behind which to begin.
            generation: the one that this entry is of; if Redis is of another by now, the batch is
                read from the beginning.
            most: how many entries at most.

        Raises:
            Fenced: another drain owns the stream.
        """
        start = f"({after_id}" if after_id else "-"
        with translated():
            answer = self._take(
                keys=[mark_of(stream), stream, CONFIG_VERSION, GENERATION],
                args=[job_id, self._lease_ms, start, most, BATCH_BYTES, generation],
            )
        if answer[0] == b"fenced":
            raise Fenced(stream)
        _, version, tries, entries, present = answer
        return Batch(
            config_version=version.decode(),
            tries=tries,
            entries=[Entry(entry_id.decode(), fields) for entry_id, fields in entries],
            generation=present.decode(),
        )

    def postpone(self, stream: str, job_id: str) -> int:
        """End a drain that failed: its stream is tried again by rescue, later each time.

        Returns:
            After how many milliseconds; -1: another drain owns the stream.
        """
        with translated():
            delay_ms: int = self._postpone(
                keys=[mark_of(stream)],
                args=[
                    job_id,
                    FIRST_DELAY_MS,
                    LONGEST_DELAY_MS,
                    random.uniform(_LEAST_SHARE, 1),  # noqa: S311 - no secret
                ],
            )
        return delay_ms

    def forget_tries(self, stream: str) -> None:
        """Count the tries of the stream's first entry from zero again."""
        with translated():
            self._connection.hdel(mark_of(stream), "first", "tries")

    def settle(
        self,
        stream: str,
        job_id: str,
        *,
        entries: Sequence[Entry],
        generation: str,
        outcomes_stream: str,
        fields: Sequence[bytes | str],
    ) -> DueDrain | None:
        """Append a batch's settlements and remove its events, in one transaction (I5).

        Raises:
            Fenced: another drain owns the stream, or Redis is of another generation than the one
                that the events were taken in; nothing was done.
            QueueUnavailable: as ever, and if Redis is full of what the writer has not applied yet.
        """
        write_job = new_job_id()
        with translated():
            answer: bytes = self._settle(
                keys=[
                    mark_of(stream),
                    stream,
                    DRAINS,
                    outcomes_stream,
                    mark_of(outcomes_stream),
                    GENERATION,
                ],
                args=[
                    job_id,
                    self._lease_ms,
                    entries[0].id,
                    after(entries[-1].id),
                    write_job,
                    generation,
                    _FULL_TO_SETTLE,
                    *fields,
                ],
            )
        match answer:
            case b"due":
                return DueDrain(outcomes_stream, write_job)
            case b"settled":
                return None
            case b"fenced" | b"gone":
                raise Fenced(stream)
            case b"full":
                raise QueueUnavailable(
                    f"Redis is more than {_FULL_TO_SETTLE:.0%} full of what is not applied yet.",
                    hint="Look after the writer and its database, or give Redis more memory.",
                )
            case _:
                raise Broken(f"The settle script answered {answer!r}.")

    def trim(self, stream: str, job_id: str, *, last_id: str, generation: str) -> None:
        """Forget entries whose effects are in the store.

        Raises:
            Fenced: another drain owns the stream (the entries are forgotten all the same), or Redis
                is of another generation than the one that they were read in (they are not).
        """
        with translated():
            if not self._trim(
                keys=[mark_of(stream), stream, GENERATION],
                args=[job_id, self._lease_ms, after(last_id), generation],
            ):
                raise Fenced(stream)

    def finish(self, stream: str, job_id: str) -> DueDrain | None:
        """End a drain; gives the next one if there is a backlog.

        Raises:
            Fenced: another drain owns the stream.
        """
        next_job = new_job_id()
        with translated():
            answer: bytes = self._finish(
                keys=[mark_of(stream), stream, DRAINS], args=[job_id, next_job]
            )
        if answer == b"fenced":
            raise Fenced(stream)
        return DueDrain(stream, next_job) if answer == b"more" else None

    def send_replies(self, replies: Sequence[Reply]) -> None:
        """Tell those who wait what became of their settlements."""
        send_replies(self._connection, replies)

    def config_version(self) -> str:
        """Read the version of the configuration."""
        with translated():
            held = self._connection.get(CONFIG_VERSION)
        return held.decode() if isinstance(held, bytes) else "0"

    def config_changed(self) -> None:
        """Tell every process that sources, transformations or revisions have changed."""
        with translated():
            # Not counted: a Redis that came back with an older count would count to one in use.
            self._connection.set(CONFIG_VERSION, new_job_id())

    def is_almost_full(self) -> bool:
        """Say whether nothing is accepted for want of memory (append.lua decides it by itself)."""
        return is_almost_full(self._connection)

    def ping(self) -> None:
        """Ask Redis for an answer."""
        with translated():
            self._connection.ping()
