"""Streams of events and settlements, and the marks that say which drain owns each.

Every state change is one Lua script, so a crash falls before it or after it and never inside.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import hiredis
import redis
import redis.asyncio
from redis.exceptions import NoScriptError

from transformer.errors import Broken, QueueUnavailable
from transformer.queue.connection import script_text, translated
from transformer.queue.jobs import new_job_id
from transformer.queue.keys import CONFIG_VERSION, DRAINS, GENERATION, mark_of

# A drain that has not been heard of for so long is taken for dead. Each of its scripts renews it, and
# between them lease.py: only a process that was killed, or stood still, is silent.
LEASE_MS = 3_000

# After a drain failed, its stream waits so long, twice as long after each failure in a row, and a
# random share less, so that streams that failed together do not come back together.
FIRST_DELAY_MS = 1_000
LONGEST_DELAY_MS = 60_000
_LEAST_SHARE = 0.5

# The shares of Redis' memory (maxmemory, where it is set) that accepting and settling may fill. The
# rest stays free for RQ's jobs and for marks, without which nothing would be applied and removed.
ALMOST_FULL = 0.8
_FULL_TO_SETTLE = 0.95

# What a batch may weigh: it is held by the worker, the guest and V8 at once.
BATCH_EVENTS = 256
BATCH_BYTES = 4 * 1_048_576


class Append(NamedTuple):
    """One entry to be appended: field names and values in turn.

    ``most`` is how many entries the stream may hold before it; 0: any number.
    """

    stream: str
    fields: tuple[bytes | str, ...]
    most: int = 0


class Bucket(NamedTuple):
    """A token bucket, full after a second without any webhook: so many may come at once."""

    key: str
    tokens_per_s: int


class Wish(NamedTuple):
    """What one webhook wishes for: all of its entries, for a token of each of its buckets."""

    appends: Sequence[Append]
    buckets: Sequence[Bucket] = ()


@dataclass(frozen=True, slots=True)
class DueDrain:
    """A drain whose mark is set and whose job must now be enqueued."""

    stream: str
    job_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """What became of wishes.

    Args:
        due: the drains that are due now.
        refused: the wishes that were not met, by their place, and after how many seconds they might
            be.
    """

    due: list[DueDrain]
    refused: dict[int, float]


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


class StaleConfig(Exception):
    """The configuration changed since the caller read it; nothing was appended."""


class Crowded(Exception):
    """Some streams hold as many entries as they may; nothing was appended.

    Args:
        streams: their names.
    """

    def __init__(self, streams: set[str]) -> None:
        super().__init__(", ".join(sorted(streams)))
        self.streams = streams


class Fenced(Exception):
    """Another drain owns the stream by now; whatever this one did is void."""


def after(entry_id: str) -> str:
    """Name the smallest id behind an entry's."""
    milliseconds, _, sequence = entry_id.partition("-")
    return f"{milliseconds}-{int(sequence) + 1}"


class Appender:
    """Appends from the event loop of ``web``, over connections of its own.

    It packs its commands with hiredis itself: the client's own packing, argument by argument in
    Python, cost as much as everything else that ingest does for a webhook.
    """

    def __init__(
        self,
        pool: redis.asyncio.ConnectionPool,
        *,
        wait_replicas: int = 0,
        wait_timeout_ms: int = 1_000,
    ) -> None:
        self._pool = pool
        self._wait_replicas = wait_replicas
        self._wait_timeout_ms = wait_timeout_ms
        self._script = script_text("memory", "admission", "append")
        self._digest = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()

    async def append(self, wishes: Sequence[Wish], *, config_version: str = "") -> Held:
        """Append what webhooks wish for, in one round trip: all of it, but for what is over a rate.

        Raises:
            StaleConfig: ``config_version`` is not the present one.
            Crowded: a stream holds as much as it may; nothing was appended.
            QueueUnavailable: Redis does not answer, or refuses to write; or it holds the entries,
                but too few of its replicas said in time that they do, too.
        """
        keys, arguments = _append_arguments(wishes, config_version)
        rest = (len(keys), *keys, *arguments)
        with translated():
            connection = await self._pool.get_connection()  # type: ignore[no-untyped-call]
            try:
                try:
                    answer = await _ask(connection, ("EVALSHA", self._digest, *rest))
                except NoScriptError:
                    answer = await _ask(connection, ("EVAL", self._script, *rest))
                replicas = self._wait_replicas and await _ask(
                    connection, ("WAIT", self._wait_replicas, self._wait_timeout_ms)
                )
            except BaseException:
                # What was sent and not read would be the next one's answer.
                await connection.disconnect(nowait=True)
                raise
            finally:
                await self._pool.release(connection)
        held = _held(answer)
        if replicas < self._wait_replicas:
            # The drains that are due get no job here: rescue brings it.
            raise QueueUnavailable(
                f"Redis holds the webhook, but {replicas} of {self._wait_replicas} replicas said in "
                f"{self._wait_timeout_ms} ms that they do.",
                hint="Send again; if Redis is not replaced meanwhile, it is then held twice.",
            )
        return held

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()


async def _ask(
    connection: redis.asyncio.connection.AbstractConnection, command: tuple[bytes | str | int, ...]
) -> Any:
    # The stub means a tuple of any length.
    packed = hiredis.pack_command(command)  # type: ignore[arg-type]
    await connection.send_packed_command(packed)
    return await connection.read_response()


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
        keys, arguments = _append_arguments([Wish(appends)], "")
        with translated():
            return _held(self._append(keys=keys, args=arguments)).due

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


def is_almost_full(connection: redis.Redis) -> bool:
    """Say whether more of Redis' memory is in use than accepting may fill.

    Raises:
        QueueUnavailable: Redis does not answer.
    """
    with translated():
        memory = connection.info("memory")
    return 0 < int(memory.get("maxmemory", 0)) * ALMOST_FULL < int(memory["used_memory"])


def _append_arguments(
    wishes: Sequence[Wish], config_version: str
) -> tuple[list[str], list[bytes | str | int]]:
    keys = [CONFIG_VERSION, DRAINS]
    places: dict[str, int] = {}
    limits: list[int] = []
    entries: list[bytes | str | int] = []
    for number, (appends, buckets) in enumerate(wishes):
        if buckets:
            entries += (0, len(buckets), len(appends), number)
            for key, tokens_per_s in buckets:
                place = places.get(key)
                if place is None:
                    keys.append(key)
                    place = places[key] = len(keys)
                entries += (place, tokens_per_s, tokens_per_s)
        for stream, fields, most in appends:
            place = places.get(stream)
            if place is None:
                keys += (stream, mark_of(stream))
                place = places[stream] = len(keys) - 1
                if most:
                    limits += (place, most)
            entries += (place, len(fields), *fields)
    head = (config_version, new_job_id(), str(ALMOST_FULL), len(limits) // 2)
    return keys, [*head, *limits, *entries]


def _held(answer: list[Any]) -> Held:
    match answer[0]:
        case b"stale":
            raise StaleConfig
        case b"crowded":
            raise Crowded({name.decode() for name in answer[1:]})
        case b"full":
            raise _almost_full()
        case _:
            pass
    refused = answer[1]
    return Held(
        due=_due_drains(answer[2:]),
        refused={refused[at]: refused[at + 1] / 1_000_000 for at in range(0, len(refused), 2)},
    )


def due_drains(answer: list[bytes]) -> list[DueDrain]:
    """Read what the script that appends pages of replays answers."""
    if answer[0] == b"full":
        raise _almost_full()
    return _due_drains(answer[1:])


def _due_drains(names: list[bytes]) -> list[DueDrain]:
    return [DueDrain(names[at].decode(), names[at + 1].decode()) for at in range(0, len(names), 2)]


def _almost_full() -> QueueUnavailable:
    return QueueUnavailable(
        f"Redis is more than {ALMOST_FULL:.0%} full; the rest is kept for what is accepted.",
        hint="Send again later; the operator gives Redis more memory, or more workers.",
    )
