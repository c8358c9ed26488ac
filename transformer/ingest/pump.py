"""Works replays off: reads the log a page at a time and puts its events back onto their streams.

How far a replay has come stands in Redis, changed by the script that appends a page; the record in
the store follows about once a second. So a pump may die anywhere, or be one of two, and nothing is
left out or appended twice (tests/integration/test_replay_pump.py).

A page holds at most ``PAGE_EVENTS`` events and ``PAGE_BYTES`` of bodies, and waits while more than
``MOST_WAITING`` entries wait on a stream that it goes to: a live webhook never has more than that, and
a page, of replays before it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias

import structlog

from transformer.clock import Clock
from transformer.errors import BodyUnreadable, Unavailable
from transformer.event import payload_text
from transformer.ids import DeliveryId, ReplayId
from transformer.ingest.ways import EVENT_GONE, Ways
from transformer.replay import (
    Appended,
    Busy,
    Elsewhere,
    Page,
    Progress,
    Replay,
    ReplayItem,
    ReplayKind,
    ReplayState,
)
from transformer.stops import Stops
from transformer.store.engine import Connection, Engine, reading, writing
from transformer.store.replays import (
    Match,
    end_replay,
    finish_replay,
    follow_replay,
    read_events,
    read_matches,
    read_spans,
    running_replays,
)
from transformer.store.transformations import read_revision

PAGE_EVENTS = 256
PAGE_BYTES = 4 * 1_048_576
MOST_WAITING = 1_536
MOST_WAITING_BYTES = 32 * 1_048_576

_MOST_RUNNING = 200
# Pages of one replay before the others have their turn.
_PAGES_A_TURN = 4
_SAVE_EVERY_S = 1.0
_WAYS_KEPT_S = 1.0
_IDLE_S = 0.25
# Whoever asked for a replay appends its first pages, and tells what they are; should it die over that,
# the scheduler begins so much later.
_BEGUN_WITHIN = timedelta(seconds=5)
_BUSY_S = 0.01
_LONGEST_PAUSE_S = 30.0

_log = structlog.get_logger()


class Replayer(Protocol):
    """Puts stored events back on their way."""

    def replay(
        self, items: Sequence[ReplayItem], *, page: Page | None = None
    ) -> Appended | Busy | Elsewhere:
        """Append them to the queue, in order, all or none; a page once, however often it is tried.

        Raises:
            QueueUnavailable: the queue does not answer, or refuses to write.
        """
        ...

    def forget(self, page: Page) -> None:
        """Let go what is known of a replay that ended."""
        ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A delivery that cannot go through its transformation again."""

    delivery_id: DeliveryId
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A page that was appended."""

    progress: Progress
    items: Sequence[ReplayItem]
    refused: Sequence[Refused]


@dataclass(frozen=True, slots=True)
class AtEnd:
    """Nothing is left to append."""

    progress: Progress


Step: TypeAlias = Moved | AtEnd | Busy | Elsewhere


class ReplayPump:
    """Works replays off; one per scheduler process, and one in web for those that are short."""

    def __init__(self, engine: Engine, replayer: Replayer, clock: Clock, stops: Stops) -> None:
        self._engine = engine
        self._replayer = replayer
        self._clock = clock
        self._stops = stops
        self._standing: dict[ReplayId, _Standing] = {}
        self._held: tuple[ReplayId, Progress, _Draft] | None = None

    def run(self) -> None:
        """Work off what runs until the process is to end."""
        pause_s = 0.0
        troubles = 0
        while self._stops.wait(pause_s):
            try:
                pause_s = self.turn()
                troubles = 0
            except Unavailable as error:
                _log.warning("replays.waiting", error=error.message)
                troubles += 1
                # Not in step with whoever else waits for the same service.
                longest = min(2.0**troubles / 2, _LONGEST_PAUSE_S)
                pause_s = longest * random.uniform(0.5, 1)  # noqa: S311 - no secret

    def turn(self) -> float:
        """Move each replay that runs by a few pages; gives how long to wait, in seconds.

        Raises:
            Unavailable: Redis or the database does not answer.
        """
        with reading(self._engine) as connection:
            running = running_replays(connection, limit=_MOST_RUNNING)
        pause_s = _IDLE_S
        newest = self._clock.now() - _BEGUN_WITHIN
        for replay in running:
            if not replay.progress.cursor and replay.created_at > newest:
                continue
            try:
                pause_s = min(pause_s, self._move(replay))
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - a bug of ours must not stop the other replays
                _log.exception("replay.broke", replay_id=replay.id)
                self._fail(replay, error)
        for replay_id in self._standing.keys() - {replay.id for replay in running}:
            del self._standing[replay_id]
        return pause_s

    def step(self, replay: Replay, progress: Progress) -> Step:
        """Append the page behind ``progress``, if it is the next one.

        Raises:
            Unavailable: Redis or the database does not answer.
        """
        draft = self._take_held(replay, progress) or self._draft(replay, progress)
        if draft is None:
            return AtEnd(progress)
        page = Page(
            replay_id=replay.id,
            workspace_id=replay.selection.workspace_id,
            before=progress,
            after=draft.progress,
            most_waiting=draft.most_waiting,
        )
        self._stops.reach("before-page")
        match self._replayer.replay(draft.items, page=page):
            case Appended():
                self._stops.reach("after-page")
                return draft.moved()
            case Busy() as busy:
                # It is tried again in a moment: reading it each time would cost more than appending.
                self._held = (replay.id, progress, draft)
                return busy
            case Elsewhere() as elsewhere:
                return elsewhere

    def _take_held(self, replay: Replay, progress: Progress) -> "_Draft | None":
        held, self._held = self._held, None
        return held[2] if held and held[:2] == (replay.id, progress) else None

    def _draft(self, replay: Replay, progress: Progress) -> "_Draft | None":
        standing = self._stand(replay)
        with reading(self._engine) as connection:
            if standing.ways is None or self._clock.monotonic() - standing.ways_at > _WAYS_KEPT_S:
                standing.ways = _ways(replay, connection)
                standing.ways_at = self._clock.monotonic()
            return _read_page(connection, replay, progress, standing.ways)

    def save(self, replay: Replay, progress: Progress, *, at_end: bool) -> bool:
        """Let the record of a replay follow its progress; says whether it is done by that."""
        now = self._clock.now()
        if at_end:
            progress = Progress(
                replay.until, progress.appended, progress.refused, progress.repeated
            )
        with writing(self._engine) as connection:
            if progress != replay.progress:
                follow_replay(connection, replay_id=replay.id, progress=progress, now=now)
            done = at_end and finish_replay(connection, replay_id=replay.id, now=now)
        if done:
            self._forget(replay)
        return done

    def _move(self, replay: Replay) -> float:
        """Move one replay by a few pages; gives how long to wait for more."""
        if replay.progress.cursor == replay.until:
            # All is appended: what is left is to be settled, and the writer counts that.
            if sum(replay.settled.values()) >= replay.progress.appended:
                self.save(replay, replay.progress, at_end=True)
            return _IDLE_S
        standing = self._stand(replay)
        for _ in range(_PAGES_A_TURN):
            match self.step(replay, standing.progress):
                case Moved(progress=progress) | Elsewhere(progress=progress):
                    standing.progress = progress
                case AtEnd():
                    self.save(replay, standing.progress, at_end=True)
                    return 0.0
                case Busy():
                    self._save_sometimes(replay, standing)
                    return _BUSY_S
        self._save_sometimes(replay, standing)
        return 0.0

    def _save_sometimes(self, replay: Replay, standing: "_Standing") -> None:
        now = self._clock.monotonic()
        if now - standing.saved_at >= _SAVE_EVERY_S:
            self.save(replay, standing.progress, at_end=False)
            standing.saved_at = now

    def _stand(self, replay: Replay) -> "_Standing":
        standing = self._standing.get(replay.id)
        if standing is None:
            standing = _Standing(replay.progress, self._clock.monotonic())
            self._standing[replay.id] = standing
        return standing

    def _fail(self, replay: Replay, error: Exception) -> None:
        told = f"{type(error).__name__}: {error}"[:500]
        with writing(self._engine) as connection:
            end_replay(
                connection,
                replay_id=replay.id,
                state=ReplayState.FAILED,
                error=told,
                now=self._clock.now(),
            )

    def _forget(self, replay: Replay) -> None:
        self._standing.pop(replay.id, None)
        self._replayer.forget(
            Page(
                replay_id=replay.id,
                workspace_id=replay.selection.workspace_id,
                before=replay.progress,
                after=replay.progress,
                most_waiting=0,
            )
        )


@dataclass(slots=True)
class _Standing:
    """What a pump knows of a replay: how far it has come, and what it goes through."""

    progress: Progress
    saved_at: float
    ways: Ways | None = None
    ways_at: float = 0.0


@dataclass(frozen=True, slots=True)
class _Draft:
    """A page, ready to be appended."""

    progress: Progress
    items: list[ReplayItem]
    refused: list[Refused]
    most_waiting: int

    def moved(self) -> Moved:
        return Moved(self.progress, self.items, self.refused)


def _ways(replay: Replay, connection: Connection) -> Ways:
    revision = (
        read_revision(connection, revision_id=replay.revision_id) if replay.revision_id else None
    )
    return Ways(replay.selection, connection, revision)


def _read_page(
    connection: Connection, replay: Replay, progress: Progress, ways: Ways
) -> _Draft | None:
    matches = _bounded(
        read_matches(
            connection,
            replay.selection,
            after=progress.cursor,
            until=replay.until,
            limit=PAGE_EVENTS,
        )
    )
    if not matches:
        return None
    firsts, lasts = _once_each(connection, replay, matches)
    refused = [Refused(match.id, reason) for match in firsts if (reason := ways.obstacle(match))]
    hindered = {one.delivery_id for one in refused}
    wanted = [match for match in firsts if match.id not in hindered]
    stored = read_events(
        connection,
        workspace_id=replay.selection.workspace_id,
        event_ids=[match.event_id for match in wanted],
    )
    items = []
    size = 0
    for match in wanted:
        event = stored.get(match.event_id)
        if event is None:
            refused.append(Refused(match.id, EVENT_GONE))
            continue
        try:
            payload = payload_text(event.body, event.content_type)
        except BodyUnreadable as error:
            refused.append(Refused(match.id, error.message))
            continue
        items.append(ways.item(match, event, payload=payload, replay_of=lasts.get(match.id)))
        size += len(event.body)
    return _Draft(
        progress=Progress(
            cursor=matches[-1].id,
            appended=progress.appended + len(items),
            refused=progress.refused + len(refused),
            repeated=progress.repeated + len(matches) - len(firsts),
        ),
        items=items,
        refused=refused,
        most_waiting=_most_waiting(len(items), size),
    )


def _bounded(matches: Sequence[Match]) -> Sequence[Match]:
    """Take as many as may be held in memory together, at least one."""
    size = 0
    for at, match in enumerate(matches):
        if size >= PAGE_BYTES:
            return matches[:at]
        size += match.size or 0
    return matches


def _once_each(
    connection: Connection, replay: Replay, matches: Sequence[Match]
) -> tuple[Sequence[Match], dict[DeliveryId, DeliveryId]]:
    """Take each event once for each transformation, though it may have failed in a replay too.

    Where its first delivery stands in the log, so that the order is that of acceptance (I7); what is
    replayed is its last delivery.
    """
    if replay.kind is ReplayKind.RETRY:
        return matches, {}
    spans = read_spans(connection, replay.selection, until=replay.until, matches=matches)
    firsts = [match for match in matches if spans.get(match.of, (match.id,))[0] >= match.id]
    return firsts, {match.id: spans[match.of][1] for match in firsts if match.of in spans}


def _most_waiting(count: int, size: int) -> int:
    """Let fewer wait where they are large: Redis holds them in memory."""
    if not size:
        return MOST_WAITING
    return min(MOST_WAITING, MOST_WAITING_BYTES * count // size)
