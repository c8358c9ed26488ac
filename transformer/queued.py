"""A queued event: an event as it waits on its stream, written by accept and replay, read by the worker.

Fields of the stream entry: ``c`` context (JSON: what user code sees as ``context``), ``h`` headers
(JSON), ``t`` content type, ``b`` body; ``p`` payload only where it is not the body itself, so that
a JSON body, the common case, is carried once; ``r`` revision and ``o`` delivery only in a replay.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from transformer.clock import to_text
from transformer.event import Event
from transformer.ids import DeliveryId, RevisionId


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """An event on its way to the sandbox; JSON stays text until somebody needs to look inside.

    Args:
        context: JSON object with event_id, accepted_at and source.
        headers: JSON object of strings under Train-Case names.
        payload: JSON text.
        revision_id: the revision a replay asks for; None: the one published now.
        replay_of: the delivery that this one repeats.
    """

    context: bytes
    headers: bytes
    content_type: str
    body: bytes
    payload: bytes
    revision_id: RevisionId | None = None
    replay_of: DeliveryId | None = None


def queue_event(
    event: Event,
    *,
    source_name: str,
    payload: bytes,
    revision_id: RevisionId | None = None,
    replay_of: DeliveryId | None = None,
) -> QueuedEvent:
    """Make ready for its stream an event whose payload was read from its body."""
    context = {
        "event_id": event.id,
        "accepted_at": to_text(event.accepted_at),
        "source": {"id": event.source_id, "name": source_name},
    }
    return QueuedEvent(
        context=orjson.dumps(context),
        headers=orjson.dumps(dict(event.headers)),
        content_type=event.content_type,
        body=event.body,
        payload=payload,
        revision_id=revision_id,
        replay_of=replay_of,
    )


def to_fields(queued: QueuedEvent) -> tuple[bytes | str, ...]:
    """Write the fields of a stream entry."""
    fields: list[bytes | str] = [
        "c",
        queued.context,
        "h",
        queued.headers,
        "t",
        queued.content_type,
        "b",
        queued.body,
    ]
    if queued.payload != queued.body:
        fields += ("p", queued.payload)
    if queued.revision_id is not None:
        fields += ("r", queued.revision_id)
    if queued.replay_of is not None:
        fields += ("o", queued.replay_of)
    return tuple(fields)


def from_fields(fields: Sequence[bytes]) -> QueuedEvent:
    """Read what :func:`to_fields` wrote."""
    held = dict(zip(fields[::2], fields[1::2], strict=True))
    body = held[b"b"]
    revision = held.get(b"r")
    replay_of = held.get(b"o")
    return QueuedEvent(
        context=held[b"c"],
        headers=held[b"h"],
        content_type=held[b"t"].decode(),
        body=body,
        payload=held.get(b"p", body),
        revision_id=RevisionId(revision.decode()) if revision else None,
        replay_of=DeliveryId(replay_of.decode()) if replay_of else None,
    )
