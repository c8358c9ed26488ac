"""A revision: an immutable saved text of a transformation, numbered from 1."""

from dataclasses import dataclass
from datetime import datetime

from transformer.ids import RevisionId, TransformationId, WorkspaceId
from transformer.transformation import Destination


@dataclass(frozen=True, slots=True)
class Revision:
    """What a delivery runs: it never changes, so a replay next year runs the same text."""

    id: RevisionId
    workspace_id: WorkspaceId
    transformation_id: TransformationId
    number: int
    destination: Destination
    code: str
    note: str
    created_at: datetime
