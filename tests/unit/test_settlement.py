"""What travels between the stages comes out as it went in."""

from hypothesis import given
from hypothesis import strategies as st

from transformer.ids import (
    DeliveryId,
    EventId,
    RevisionId,
    SourceId,
    TransformationId,
    WorkspaceId,
)
from transformer.queued import QueuedEvent, from_fields, to_fields
from transformer.settlement import Settlement, decode, encode

names = st.text("abc_019", min_size=1)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
documents = st.dictionaries(texts, st.one_of(texts, st.integers(-(2**53), 2**53), st.none()))


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
        operations=st.lists(documents, max_size=3),
        report=documents,
        duration_us=st.integers(0, 10**9),
        accepted_at=texts,
        content_type=texts,
        headers=st.dictionaries(texts, texts),
        body=st.binary(max_size=50),
        replay_of=st.one_of(st.none(), texts.map(DeliveryId)),
    )
)
def test_a_settlement_survives_the_stream(settlement: Settlement) -> None:
    assert decode(*encode(settlement)) == settlement


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
    fields = [field if isinstance(field, bytes) else field.encode() for field in to_fields(queued)]
    assert from_fields(fields) == queued


def test_a_json_body_is_carried_once() -> None:
    queued = QueuedEvent(
        context=b"{}", headers=b"{}", content_type="", body=b'{"a":1}', payload=b'{"a":1}'
    )
    assert to_fields(queued).count(b'{"a":1}') == 1
