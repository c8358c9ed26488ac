"""A queued event: an event as it waits on its stream, written by accept and replay, read by the worker.

Fields of the stream entry: ``c`` context (JSON: what user code sees as ``context``), ``h`` headers
(JSON), ``t`` content type, ``b`` body; ``p`` payload only where it is not the body itself, so that
a JSON body, the common case, is carried once. ``r`` revision, ``o`` delivery and ``i`` replay only in
a replay; ``r``, ``d`` delivery, ``n`` attempt and ``i`` only in a retry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson

from transformer.clock import to_text
from transformer.event import Event
from transformer.ids import DeliveryId, EventId, ReplayId, RevisionId, SourceId

# What each event has: a webhook whose body is its payload, by far the most frequent, has no more.
_FIELDS_OF_JSON = 4


# Not frozen, though nothing changes it: a frozen one takes two to three times as long to make, for
# each event.
@dataclass(slots=True)
class QueuedEvent:
    """An event on its way to the sandbox; JSON stays text until somebody needs to look inside.

    Args:
        context: JSON object with event_id, accepted_at and source.
        headers: JSON object of strings under Train-Case names.
        payload: JSON text.
        revision_id: the revision a replay asks for; None: the one published now.
        replay_of: the delivery that this one repeats.
        replay_id: the replay that this event is one of.
        retry_of: the delivery that is tried again; None: it becomes a new one.
        attempt: which try of its delivery this is, from 1.
    """

    context: bytes
    headers: bytes
    content_type: str
    body: bytes
    payload: bytes
    revision_id: RevisionId | None = None
    replay_of: DeliveryId | None = None
    replay_id: ReplayId | None = None
    retry_of: DeliveryId | None = None
    attempt: int = 1


def queue_event(
    event: Event,
    *,
    source_name: str,
    payload: bytes,
    revision_id: RevisionId | None = None,
    replay_of: DeliveryId | None = None,
    replay_id: ReplayId | None = None,
    retry_of: DeliveryId | None = None,
    attempt: int = 1,
) -> tuple[bytes | str, ...]:
    """Write the stream entry of a stored event whose payload was read from its body."""
    fields = event_fields(
        event_id=event.id,
        accepted_at=to_text(event.accepted_at),
        source=source_json(event.source_id, source_name),
        headers=orjson.dumps(dict(event.headers)),
        content_type=event.content_type,
        body=event.body,
        payload=payload,
    )
    if revision_id is not None:
        fields += ("r", revision_id)
    if replay_of is not None:
        fields += ("o", replay_of)
    if replay_id is not None:
        fields += ("i", replay_id)
    if retry_of is not None:
        fields += ("d", retry_of, "n", str(attempt))
    return fields


def event_fields(
    *,
    event_id: EventId,
    accepted_at: str,
    source: bytes,
    headers: bytes,
    content_type: str,
    body: bytes,
    payload: bytes,
) -> tuple[bytes | str, ...]:
    """Write the fields of an event's stream entry.

    No object is made on the way, and the context, whose parts need no escaping, is put together by
    hand: this runs for each webhook in the one process that hears them all.
    """
    context = (
        f'{{"event_id":"{event_id}","accepted_at":"{accepted_at}","source":'.encode()
        + source
        + b"}"
    )
    if payload is body:
        return ("c", context, "h", headers, "t", content_type, "b", body)
    return ("c", context, "h", headers, "t", content_type, "b", body, "p", payload)


@lru_cache(maxsize=4_096)
def source_json(source_id: SourceId, name: str) -> bytes:
    """Write the source as user code sees it in its context."""
    return orjson.dumps({"id": source_id, "name": name})


def from_fields(fields: Sequence[bytes]) -> QueuedEvent:
    """Read what :func:`to_fields` wrote."""
    each = iter(fields)
    held = dict(zip(each, each, strict=True))
    body = held[b"b"]
    if len(held) == _FIELDS_OF_JSON:
        return QueuedEvent(held[b"c"], held[b"h"], held[b"t"].decode(), body, body)
    revision = held.get(b"r")
    replay_of = held.get(b"o")
    replay_id = held.get(b"i")
    retry_of = held.get(b"d")
    return QueuedEvent(
        context=held[b"c"],
        headers=held[b"h"],
        content_type=held[b"t"].decode(),
        body=body,
        payload=held.get(b"p", body),
        revision_id=RevisionId(revision.decode()) if revision else None,
        replay_of=DeliveryId(replay_of.decode()) if replay_of else None,
        replay_id=ReplayId(replay_id.decode()) if replay_id else None,
        retry_of=DeliveryId(retry_of.decode()) if retry_of else None,
        attempt=int(held.get(b"n", 1)),
    )
