"""Transformations and their revisions in the store.

:func:`read_published` and :func:`read_revision` are asked by workers for each batch, and cached there;
the others are what a customer does in the editor.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from transformer.clock import from_text, to_text
from transformer.errors import Conflict, NotFound
from transformer.ids import (
    RevisionId,
    SourceId,
    TransformationId,
    WorkspaceId,
    new_revision_id,
    new_transformation_id,
)
from transformer.revision import Revision
from transformer.source import Source
from transformer.store.sources import create_source, delete_source
from transformer.store.tables import revisions, transformations
from transformer.transformation import Destination, Transformation

_OF_WORKSPACE = transformations.c.workspace_id == bindparam("of_workspace_id")
_OF_ID = transformations.c.id == bindparam("of_id")

_INSERT_TRANSFORMATION = insert(transformations)
_SELECT_TRANSFORMATION = select(transformations).where(_OF_WORKSPACE, _OF_ID)
# Two that publish at once must not both find the same highest number. SQLite has no such clause
# and needs none: one transaction writes at a time.
_LOCK_TRANSFORMATION = _SELECT_TRANSFORMATION.with_for_update()
_SELECT_TRANSFORMATIONS = (
    select(transformations).where(_OF_WORKSPACE).order_by(transformations.c.id)
)
_UPDATE_TRANSFORMATION = update(transformations).where(_OF_ID)
_DELETE_TRANSFORMATION = delete(transformations).where(_OF_ID)
_COUNT_OF_SOURCE = select(func.count()).where(transformations.c.source_id == bindparam("source_id"))

_INSERT_REVISION = insert(revisions)
_SELECT_REVISION = select(revisions).where(revisions.c.id == bindparam("revision_id"))
_SELECT_REVISIONS = (
    select(revisions)
    .where(revisions.c.transformation_id == bindparam("transformation_id"))
    .order_by(revisions.c.number.desc())
)
_SELECT_LATEST_REVISION = _SELECT_REVISIONS.limit(1)
_DELETE_REVISIONS = delete(revisions).where(
    revisions.c.transformation_id == bindparam("transformation_id")
)

_SELECT_BY_ID = select(transformations).where(_OF_ID)


def create_transformation(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    name: str,
    destination: Destination,
    code: str,
    now: datetime,
) -> tuple[Transformation, Source]:
    """Store a new transformation with ``code`` as its draft, and a source of its own."""
    source = create_source(connection, workspace_id=workspace_id, name=name, now=now)
    transformation = Transformation(
        id=new_transformation_id(),
        workspace_id=workspace_id,
        source_id=source.id,
        name=name,
        destination=destination,
        draft=code,
        published_revision_id=None,
        created_at=now,
        updated_at=now,
    )
    row = {
        "id": transformation.id,
        "workspace_id": workspace_id,
        "source_id": source.id,
        "name": name,
        "destination": destination.value,
        "draft": code,
        "published_revision_id": None,
        "created_at": to_text(now),
        "updated_at": to_text(now),
    }
    connection.execute(_INSERT_TRANSFORMATION, row)
    return transformation, source


def list_transformations(
    connection: Connection, *, workspace_id: WorkspaceId
) -> list[Transformation]:
    """List a workspace's transformations, oldest first."""
    rows = connection.execute(_SELECT_TRANSFORMATIONS, {"of_workspace_id": workspace_id})
    return [_transformation(row) for row in rows]


def read_transformation(
    connection: Connection, *, workspace_id: WorkspaceId, transformation_id: TransformationId
) -> Transformation:
    """Read one transformation.

    Raises:
        NotFound: the workspace has no such transformation.
    """
    return _find(connection, _SELECT_TRANSFORMATION, workspace_id, transformation_id)


def _find(
    connection: Connection,
    statement: Select[*tuple[Any, ...]],
    workspace_id: WorkspaceId,
    transformation_id: TransformationId,
) -> Transformation:
    values = {"of_workspace_id": workspace_id, "of_id": transformation_id}
    row = connection.execute(statement, values).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no transformation {transformation_id} in this workspace.",
            hint="GET /api/transformations lists them.",
        )
    return _transformation(row)


def save_draft(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    transformation_id: TransformationId,
    code: str,
    now: datetime,
) -> Transformation:
    """Replace the draft; what is published stays as it is.

    Raises:
        NotFound: the workspace has no such transformation.
    """
    held = _find(connection, _LOCK_TRANSFORMATION, workspace_id, transformation_id)
    return _save(connection, replace(held, draft=code, updated_at=now))


def change_transformation(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    transformation_id: TransformationId,
    name: str | None = None,
    destination: Destination | None = None,
    now: datetime,
) -> Transformation:
    """Rename it, or give the next revision another destination; None leaves a value as it is.

    Raises:
        NotFound: the workspace has no such transformation.
    """
    held = _find(connection, _LOCK_TRANSFORMATION, workspace_id, transformation_id)
    changed = replace(
        held, name=name or held.name, destination=destination or held.destination, updated_at=now
    )
    return _save(connection, changed)


def delete_transformation(
    connection: Connection, *, workspace_id: WorkspaceId, transformation_id: TransformationId
) -> None:
    """Remove a transformation with its revisions, and its source if that has no other.

    The delivery log keeps what it has of it until the log's own age.

    Raises:
        NotFound: the workspace has no such transformation.
        Conflict: it is published: webhooks that were accepted for it would have nowhere to go.
    """
    held = _find(connection, _LOCK_TRANSFORMATION, workspace_id, transformation_id)
    if held.published_revision_id is not None:
        raise Conflict(
            f"{held.name!r} is published, and webhooks may be on their way through it.",
            hint="Unpublish it first, then delete it.",
        )
    connection.execute(_DELETE_REVISIONS, {"transformation_id": held.id})
    connection.execute(_DELETE_TRANSFORMATION, {"of_id": held.id})
    if connection.scalar(_COUNT_OF_SOURCE, {"source_id": held.source_id}) == 0:
        delete_source(connection, source_id=held.source_id)


def publish(
    connection: Connection, *, transformation: Transformation, note: str = "", now: datetime
) -> Revision:
    """Make the draft that ``transformation`` carries the one that new deliveries run.

    It becomes a new revision, unless it is what the latest revision says already.

    Args:
        connection: in a writing transaction.
        transformation: as the caller read it, so that what was checked is what is published.
        note: what the author says of the change.
        now: the time.

    Raises:
        NotFound: the transformation is gone.
        Conflict: someone changed it since the caller read it.
    """
    held = _find(connection, _LOCK_TRANSFORMATION, transformation.workspace_id, transformation.id)
    if (held.draft, held.destination) != (transformation.draft, transformation.destination):
        raise Conflict(
            "The draft was changed by someone else while it was being published.",
            hint="Look at the draft as it is now, then publish again.",
        )
    latest = connection.execute(
        _SELECT_LATEST_REVISION, {"transformation_id": held.id}
    ).one_or_none()
    if latest and (latest.code, latest.destination) == (held.draft, held.destination):
        revision = _revision(latest)
    else:
        number = latest.number + 1 if latest else 1
        revision = _create_revision(connection, held, number=number, note=note, now=now)
    if held.published_revision_id != revision.id:
        _save(connection, replace(held, published_revision_id=revision.id, updated_at=now))
    return revision


def unpublish(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    transformation_id: TransformationId,
    now: datetime,
) -> Transformation:
    """Let new webhooks be captured only; harmless where nothing is published.

    Raises:
        NotFound: the workspace has no such transformation.
    """
    held = _find(connection, _LOCK_TRANSFORMATION, workspace_id, transformation_id)
    if held.published_revision_id is None:
        return held
    return _save(connection, replace(held, published_revision_id=None, updated_at=now))


def list_revisions(
    connection: Connection, *, workspace_id: WorkspaceId, transformation_id: TransformationId
) -> list[Revision]:
    """List a transformation's revisions, newest first.

    Raises:
        NotFound: the workspace has no such transformation.
    """
    _find(connection, _SELECT_TRANSFORMATION, workspace_id, transformation_id)
    rows = connection.execute(_SELECT_REVISIONS, {"transformation_id": transformation_id})
    return [_revision(row) for row in rows]


def _save(connection: Connection, transformation: Transformation) -> Transformation:
    values = {
        "of_id": transformation.id,
        "name": transformation.name,
        "destination": transformation.destination.value,
        "draft": transformation.draft,
        "published_revision_id": transformation.published_revision_id,
        "updated_at": to_text(transformation.updated_at),
    }
    connection.execute(_UPDATE_TRANSFORMATION, values)
    return transformation


def _create_revision(
    connection: Connection, transformation: Transformation, *, number: int, note: str, now: datetime
) -> Revision:
    revision = Revision(
        id=new_revision_id(),
        workspace_id=transformation.workspace_id,
        transformation_id=transformation.id,
        number=number,
        destination=transformation.destination,
        code=transformation.draft,
        note=note,
        created_at=now,
    )
    row = {
        "id": revision.id,
        "workspace_id": revision.workspace_id,
        "transformation_id": revision.transformation_id,
        "number": number,
        "destination": revision.destination.value,
        "code": revision.code,
        "note": note,
        "created_at": to_text(now),
    }
    connection.execute(_INSERT_REVISION, row)
    return revision


def read_published(
    connection: Connection, *, transformation_id: TransformationId
) -> tuple[Transformation, Revision] | None:
    """Read a transformation and its published revision; None if it is gone or has none."""
    row = connection.execute(_SELECT_BY_ID, {"of_id": transformation_id}).one_or_none()
    if row is None or row.published_revision_id is None:
        return None
    transformation = _transformation(row)
    revision = read_revision(connection, revision_id=row.published_revision_id)
    return (transformation, revision) if revision else None


def read_revision(connection: Connection, *, revision_id: RevisionId) -> Revision | None:
    """Read one revision."""
    row = connection.execute(_SELECT_REVISION, {"revision_id": revision_id}).one_or_none()
    return _revision(row) if row else None


def _transformation(row: Row[*tuple[Any, ...]]) -> Transformation:
    published = row.published_revision_id
    return Transformation(
        id=TransformationId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        source_id=SourceId(row.source_id),
        name=row.name,
        destination=Destination(row.destination),
        draft=row.draft,
        published_revision_id=RevisionId(published) if published else None,
        created_at=from_text(row.created_at),
        updated_at=from_text(row.updated_at),
    )


def _revision(row: Row[*tuple[Any, ...]]) -> Revision:
    return Revision(
        id=RevisionId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        transformation_id=TransformationId(row.transformation_id),
        number=row.number,
        destination=Destination(row.destination),
        code=row.code,
        note=row.note,
        created_at=from_text(row.created_at),
    )
