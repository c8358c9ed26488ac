"""Where a webhook goes, by the token in its URL: the question ingest asks."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from transformer.ids import TransformationId
from transformer.source import Source
from transformer.store.sources import find_source
from transformer.store.tables import transformations

_SELECT_OF_SOURCE = (
    select(transformations.c.id, transformations.c.published_revision_id)
    .where(transformations.c.source_id == bindparam("source_id"))
    .order_by(transformations.c.id)
)


@dataclass(frozen=True, slots=True)
class Route:
    """A source with the transformations that get its events, and those not published yet."""

    source: Source
    published: tuple[TransformationId, ...]
    unpublished: tuple[TransformationId, ...]


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
    )
