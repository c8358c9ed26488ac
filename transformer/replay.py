"""A replay: a stored event that is to become a new delivery."""

from dataclasses import dataclass

from transformer.event import Event
from transformer.ids import DeliveryId, RevisionId, TransformationId


@dataclass(frozen=True, slots=True)
class ReplayItem:
    """A stored event that is to go through a transformation again, as a new delivery."""

    event: Event
    source_name: str
    transformation_id: TransformationId
    # None: whichever revision is published when a worker takes it.
    revision_id: RevisionId | None
    replay_of: DeliveryId
