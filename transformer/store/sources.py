"""Sources in the store."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from transformer.clock import to_text
from transformer.errors import NotFound
from transformer.ids import SourceId, WorkspaceId, new_source_id
from transformer.source import Source, new_token
from transformer.store.tables import sources

_INSERT_SOURCE = insert(sources)
_SELECT_BY_TOKEN = select(sources).where(sources.c.token == bindparam("token"))
_SELECT_SOURCE = select(sources).where(
    sources.c.workspace_id == bindparam("workspace_id"), sources.c.id == bindparam("source_id")
)
_SELECT_SOURCES = (
    select(sources)
    .where(sources.c.workspace_id == bindparam("workspace_id"))
    .order_by(sources.c.id)
)
_DELETE_SOURCE = delete(sources).where(sources.c.id == bindparam("source_id"))


def create_source(
    connection: Connection, *, workspace_id: WorkspaceId, name: str, now: datetime
) -> Source:
    """Store a new source with a token of its own."""
    source = Source(id=new_source_id(), workspace_id=workspace_id, name=name, token=new_token())
    row = {
        "id": source.id,
        "workspace_id": workspace_id,
        "name": name,
        "token": source.token,
        "created_at": to_text(now),
    }
    connection.execute(_INSERT_SOURCE, row)
    return source


def find_source(connection: Connection, *, token: str) -> Source | None:
    """Find the source that a webhook URL names."""
    row = connection.execute(_SELECT_BY_TOKEN, {"token": token}).one_or_none()
    return _source(row) if row else None


def read_source(
    connection: Connection, *, workspace_id: WorkspaceId, source_id: SourceId
) -> Source:
    """Read one source.

    Raises:
        NotFound: the workspace has no such source.
    """
    values = {"workspace_id": workspace_id, "source_id": source_id}
    row = connection.execute(_SELECT_SOURCE, values).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no source {source_id} in this workspace.",
            hint="GET /api/sources lists them.",
        )
    return _source(row)


def list_sources(connection: Connection, *, workspace_id: WorkspaceId) -> list[Source]:
    """List a workspace's sources, oldest first."""
    rows = connection.execute(_SELECT_SOURCES, {"workspace_id": workspace_id})
    return [_source(row) for row in rows]


def delete_source(connection: Connection, *, source_id: SourceId) -> None:
    """Remove a source that no transformation uses any more."""
    connection.execute(_DELETE_SOURCE, {"source_id": source_id})


def _source(row: Row[*tuple[Any, ...]]) -> Source:
    return Source(
        id=SourceId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        name=row.name,
        token=row.token,
    )
