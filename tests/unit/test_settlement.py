"""What travels between the stages comes out as it went in."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from transformer import settlement as settlements
from transformer.ids import (
    DeliveryId,
    EventId,
    RevisionId,
    SourceId,
    TransformationId,
    WorkspaceId,
)
from transformer.operation import Kind, Operation
from transformer.queued import QueuedEvent, from_fields, to_fields
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
    return [replace(operation, position=position) for position, operation in enumerate(chosen)]


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
    )
)
def test_a_settlement_survives_the_stream(settlement: Settlement) -> None:
    (found,) = settlements.from_fields(as_bytes(settlements.to_fields(settlement)))
    assert found == settlement


@given(
    st.builds(
        QueuedEvent,
        context=st.binary(min_size=1, max_size=20),
        headers=st.binary(max_size=20),
        content_type=texts,
        body=st.binary(max_size=20),
        payload=st.binary(max_size=20),
        revision_id=st.one_of(st.none(), names.map(RevisionId)),
        replay_of=st.one_of(st.none(), names.map(DeliveryId)),
    )
)
def test_a_queued_event_survives_the_stream(queued: QueuedEvent) -> None:
    assert from_fields(as_bytes(to_fields(queued))) == queued


def test_a_json_body_is_carried_once() -> None:
    queued = QueuedEvent(
        context=b"{}", headers=b"{}", content_type="", body=b'{"a":1}', payload=b'{"a":1}'
    )
    assert to_fields(queued).count(b'{"a":1}') == 1
