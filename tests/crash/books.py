"""What must be true of a system once it is still, whatever was killed while it worked.

The senders' books (what was sent, what was acknowledged) are held against three witnesses of the
system that know nothing of each other: the delivery log, the counters, and the arrays into which
the code under test wrote each event as it came. Nothing here does I/O: `test_books.py` shows each
breach on books that were cooked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

BLOCK = 100
"""Numbers of one lane that share a profile, so that its array stays short of its limit."""

# Of each kind of breach so many are told one by one.
_MOST_TOLD = 5


class Sent(NamedTuple):
    """One request: the lane that sent it, its number there, and which try of it this was."""

    lane: int
    number: int
    attempt: int


class Logged(NamedTuple):
    """One row of the delivery log."""

    event_id: str
    state: str


@dataclass(slots=True)
class Evidence:
    """What the senders know, and what the system shows.

    Args:
        sent: for each (lane, number), how often it was sent.
        acknowledged: the requests that were answered 201, by event id.
        source_of_lane: which source a lane sends to.
        source_of_transformation: which source a transformation's events come from.
        events: the requests that are in the store, by event id.
        log: the rows of each transformation in the order in which they were written.
        hits: the counter of each profile, by external id.
        seen: the event ids in each profile's array, in order, by external id.
    """

    sent: dict[tuple[int, int], int] = field(default_factory=dict)
    acknowledged: dict[str, Sent] = field(default_factory=dict)
    source_of_lane: dict[int, int] = field(default_factory=dict)
    source_of_transformation: dict[str, int] = field(default_factory=dict)
    events: dict[str, Sent] = field(default_factory=dict)
    log: dict[str, list[Logged]] = field(default_factory=dict)
    hits: dict[str, int] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)


def block_profile(transformation: str, lane: int, number: int) -> str:
    """Name the profile that counts this number of a lane."""
    return f"{transformation}-{lane}-{number // BLOCK}"


def breaches(evidence: Evidence) -> list[str]:
    """List what must not be; nothing if every promise was kept."""
    return [
        *_told(_events(evidence)),
        *_told(_lost(evidence)),
        *_told(_repeated(evidence)),
        *_told(_not_applied(evidence)),
        *_told(_uneven(evidence)),
        *_told(_miscounted(evidence)),
        *_told(_out_of_order(evidence)),
    ]


def _told(found: Iterator[str]) -> Iterator[str]:
    kept = list(found)
    yield from kept[:_MOST_TOLD]
    if len(kept) > _MOST_TOLD:
        yield f"… and {len(kept) - _MOST_TOLD:,} more like the last one"


def _events(evidence: Evidence) -> Iterator[str]:
    """Each stored event is a request that was sent, and no request is two events."""
    for event_id, sent in evidence.events.items():
        if not 1 <= sent.attempt <= evidence.sent.get(sent[:2], 0):
            yield f"invented: {event_id} is {sent}, which nobody sent"
    for sent, count in Counter(evidence.events.values()).items():
        if count > 1:
            yield f"twice: {sent} is {count} events"


def _lost(evidence: Evidence) -> Iterator[str]:
    """What was acknowledged is in the log of every transformation of its source."""
    for event_id, sent in evidence.acknowledged.items():
        if evidence.events.get(event_id) != sent:
            yield f"lost: {event_id} ({sent}) was acknowledged, and is no stored event"
    for transformation, source in evidence.source_of_transformation.items():
        logged = {row.event_id for row in evidence.log.get(transformation, ())}
        for event_id, sent in evidence.acknowledged.items():
            if evidence.source_of_lane[sent.lane] == source and event_id not in logged:
                yield f"lost: {event_id} ({sent}) was acknowledged, and {transformation} has no delivery"


def _repeated(evidence: Evidence) -> Iterator[str]:
    for transformation, rows in evidence.log.items():
        for event_id, count in Counter(row.event_id for row in rows).items():
            if count > 1:
                yield f"twice: {event_id} has {count} deliveries of {transformation}"


def _not_applied(evidence: Evidence) -> Iterator[str]:
    """Nothing of this traffic can fail by its own fault: a dead letter is ours."""
    for transformation, rows in evidence.log.items():
        for row in rows:
            if row.state != "applied":
                yield f"not applied: {row.event_id} of {transformation} is {row.state}"


def _uneven(evidence: Evidence) -> Iterator[str]:
    """An event goes to all transformations of its source or to none, acknowledged or not."""
    by_source: defaultdict[int, dict[str, set[str]]] = defaultdict(dict)
    for transformation, source in evidence.source_of_transformation.items():
        logged = {row.event_id for row in evidence.log.get(transformation, ())}
        by_source[source][transformation] = logged
    for logs in by_source.values():
        everywhere = set.union(*logs.values())
        for transformation, logged in logs.items():
            for event_id in sorted(everywhere - logged):
                yield f"uneven: {event_id} is with its other transformations, not with {transformation}"


def _miscounted(evidence: Evidence) -> Iterator[str]:
    """A counter is the number of deliveries that went into it, neither more nor less."""
    due: Counter[str] = Counter()
    for transformation, rows in evidence.log.items():
        for row in rows:
            due[transformation] += 1
            sent = evidence.events.get(row.event_id)
            if sent is None:
                yield f"invented: {row.event_id} of {transformation} is no stored event"
            else:
                due[block_profile(transformation, sent.lane, sent.number)] += 1
    for profile in sorted(due.keys() | evidence.hits.keys()):
        if evidence.hits.get(profile, 0) != due[profile]:
            yield f"miscounted: {profile} holds {evidence.hits.get(profile, 0)}, its log {due[profile]}"


def _out_of_order(evidence: Evidence) -> Iterator[str]:
    """What one connection sent one after the other came into force in that order (I7)."""
    for transformation, rows in evidence.log.items():
        yield from _disorder(f"the log of {transformation}", [r.event_id for r in rows], evidence)
    in_log: dict[str, list[str]] = defaultdict(list)
    for transformation, rows in evidence.log.items():
        for row in rows:
            sent = evidence.events.get(row.event_id)
            if sent is not None:
                in_log[block_profile(transformation, sent.lane, sent.number)].append(row.event_id)
    for profile in sorted(in_log.keys() | evidence.seen.keys()):
        if evidence.seen.get(profile, []) != in_log[profile]:
            yield f"out of order: the array of {profile} is not what the log has in that order"


def _disorder(where: str, event_ids: Sequence[str], evidence: Evidence) -> Iterator[str]:
    lanes: defaultdict[int, list[Sent]] = defaultdict(list)
    for event_id in event_ids:
        sent = evidence.events.get(event_id)
        if sent is not None:
            lanes[sent.lane].append(sent)
    for requests in lanes.values():
        for earlier, later in pairwise(requests):
            if later <= earlier:
                yield f"out of order: {later} comes behind {earlier} in {where}"


def figures(evidence: Evidence) -> Mapping[str, int]:
    """Give what was counted, for the reader of a report."""
    return {
        "requests sent": sum(evidence.sent.values()),
        "acknowledged (201)": len(evidence.acknowledged),
        "accepted, never acknowledged": len(evidence.events.keys() - evidence.acknowledged.keys()),
        "deliveries in the log": sum(map(len, evidence.log.values())),
    }
