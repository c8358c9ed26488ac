"""Where a webhook goes, by the token in its URL: the question ingest asks."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from transformer.ids import TransformationId
from transformer.limits import SourceLimits, WorkspaceLimits
from transformer.source import Source
from transformer.store.limits import read_source_limits, read_workspace_limits
from transformer.store.sources import find_source
from transformer.store.tables import transformations

_SELECT_OF_SOURCE = (
    select(transformations.c.id, transformations.c.published_revision_id)
    .where(transformations.c.source_id == bindparam("source_id"))
    .order_by(transformations.c.id)
)


@dataclass(frozen=True, slots=True)
class Route:
    """A source with the transformations that get its events, those not published yet, and limits."""

    source: Source
    published: tuple[TransformationId, ...]
    unpublished: tuple[TransformationId, ...]
    source_limits: SourceLimits
    workspace_limits: WorkspaceLimits


def find_route(connection: Connection, *, token: str) -> Route | None:
    """Find the route of a webhook URL; None if no source has this token."""
    source = find_source(connection, token=token)
    if source is None:
        return None
    rows = connection.execute(_SELECT_OF_SOURCE, {"source_id": source.id}).all()
    return Route(
        source=source,
        published=tuple(TransformationId(row.id) for row in rows if row.published_revision_id),
        unpublished=tuple(
            TransformationId(row.id) for row in rows if not row.published_revision_id
        ),
        source_limits=read_source_limits(
            connection, workspace_id=source.workspace_id, source_id=source.id
        ),
        workspace_limits=read_workspace_limits(connection, workspace_id=source.workspace_id),
    )
