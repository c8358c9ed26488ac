"""What travels between the stages comes out as it went in."""

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from transformer import settlement as settlements
from transformer.clock import to_text
from transformer.event import Event
from transformer.ids import (
    DeliveryId,
    EventId,
    ReplayId,
    RevisionId,
    SourceId,
    TransformationId,
    WorkspaceId,
)
from transformer.operation import Kind, Operation
from transformer.queued import from_fields, queue_event
from transformer.settlement import Settlement

names = st.text("abc_019", min_size=1)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
documents = st.dictionaries(texts, st.one_of(texts, st.integers(-(2**53), 2**53), st.none()))

OUTPUT = {"attributes": [{"external_id": "a"}, {"external_id": "b"}], "items": [{"id": "c"}]}
operations = st.sampled_from(
    [
        Operation(Kind.ATTRIBUTES, 0, {"external_id": "a"}, ("attributes", 0)),
        Operation(Kind.ATTRIBUTES, 0, {"external_id": "b"}, ("attributes", 1)),
        Operation(Kind.CATALOG_PUT, 0, {"id": "c"}, ("items", 0), "products"),
    ]
)


def numbered(chosen: list[Operation]) -> list[Operation]:
    return [operation._replace(position=position) for position, operation in enumerate(chosen)]


def as_bytes(fields: Sequence[bytes | str]) -> list[bytes]:
    return [field if isinstance(field, bytes) else field.encode() for field in fields]


@given(
    st.builds(
        Settlement,
        delivery_id=texts.map(DeliveryId),
        workspace_id=texts.map(WorkspaceId),
        source_id=texts.map(SourceId),
        transformation_id=st.one_of(st.none(), texts.map(TransformationId)),
        revision_id=st.one_of(st.none(), texts.map(RevisionId)),
        event_id=texts.map(EventId),
        verdict=texts,
        output=st.just(OUTPUT),
        operations=st.lists(operations, max_size=3).map(numbered),
        report=documents,
        duration_us=st.integers(0, 10**9),
        accepted_at=texts,
        content_type=texts,
        headers=st.binary(max_size=20),
        body=st.binary(max_size=50),
        replay_of=st.one_of(st.none(), texts.map(DeliveryId)),
        attempt=st.integers(1, 9),
        is_retry=st.booleans(),
        replay_id=st.one_of(st.none(), texts.map(ReplayId)),
    )
)
def test_a_settlement_survives_the_stream(settlement: Settlement) -> None:
    (found,) = settlements.from_fields(as_bytes(settlements.to_fields(settlement)))
    assert found == settlement


@given(
    event=st.builds(
        Event,
        id=names.map(EventId),
        workspace_id=names.map(WorkspaceId),
        source_id=names.map(SourceId),
        accepted_at=st.datetimes(timezones=st.just(UTC)),
        content_type=texts,
        headers=st.dictionaries(texts, texts),
        body=st.binary(max_size=20),
    ),
    source_name=texts,
    payload=st.one_of(st.none(), st.binary(max_size=20)),
    revision_id=st.one_of(st.none(), names.map(RevisionId)),
    replay_of=st.one_of(st.none(), names.map(DeliveryId)),
    replay_id=st.one_of(st.none(), names.map(ReplayId)),
    retried=st.one_of(st.none(), st.tuples(names.map(DeliveryId), st.integers(2, 9))),
)
def test_a_queued_event_survives_the_stream(  # noqa: PLR0917 - hypothesis names them
    event: Event,
    source_name: str,
    payload: bytes | None,
    revision_id: RevisionId | None,
    replay_of: DeliveryId | None,
    replay_id: ReplayId | None,
    retried: tuple[DeliveryId, int] | None,
) -> None:
    retry_of, attempt = retried or (None, 1)
    queued = from_fields(
        as_bytes(
            queue_event(
                event,
                source_name=source_name,
                payload=event.body if payload is None else payload,
                revision_id=revision_id,
                replay_of=replay_of,
                replay_id=replay_id,
                retry_of=retry_of,
                attempt=attempt,
            )
        )
    )
    assert orjson.loads(queued.context) == {
        "event_id": event.id,
        "accepted_at": to_text(event.accepted_at),
        "source": {"id": event.source_id, "name": source_name},
    }
    assert orjson.loads(queued.headers) == event.headers
    assert queued.content_type == event.content_type
    assert queued.body == event.body
    assert queued.payload == (event.body if payload is None else payload)
    assert (queued.revision_id, queued.replay_of) == (revision_id, replay_of)
    assert (queued.replay_id, queued.retry_of) == (replay_id, retry_of)
    assert queued.attempt == attempt


def test_a_json_body_is_carried_once() -> None:
    event = Event(
        id=EventId("evt_1"),
        workspace_id=WorkspaceId("wsp_1"),
        source_id=SourceId("src_1"),
        accepted_at=datetime(2026, 1, 1, tzinfo=UTC),
        content_type="",
        headers={},
        body=b'{"a":1}',
    )
    assert queue_event(event, source_name="", payload=event.body).count(b'{"a":1}') == 1
