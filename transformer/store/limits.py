"""Limits of sources and workspaces in the store."""

from sqlalchemy import Connection, bindparam, select, update

from transformer.errors import NotFound
from transformer.ids import SourceId, WorkspaceId
from transformer.limits import SourceLimits, WorkspaceLimits
from transformer.store.tables import sources, workspaces

_OF_WORKSPACE = workspaces.c.id == bindparam("of_workspace")
_OF_SOURCE = (sources.c.id == bindparam("of_source")) & (
    sources.c.workspace_id == bindparam("of_workspace")
)
READ_WORKSPACE_LIMITS = select(
    workspaces.c.rate_per_s, workspaces.c.backlog_limit, workspaces.c.weight
).where(_OF_WORKSPACE)
SAVE_WORKSPACE_LIMITS = (
    update(workspaces)
    .where(_OF_WORKSPACE)
    .values(
        rate_per_s=bindparam("rate"), backlog_limit=bindparam("backlog"), weight=bindparam("share")
    )
)
READ_SOURCE_LIMITS = select(sources.c.rate_per_s).where(_OF_SOURCE)
SAVE_SOURCE_LIMITS = update(sources).where(_OF_SOURCE).values(rate_per_s=bindparam("rate"))


def read_workspace_limits(connection: Connection, *, workspace_id: WorkspaceId) -> WorkspaceLimits:
    """Read a workspace's limits; one that is not there has none of its own."""
    row = connection.execute(READ_WORKSPACE_LIMITS, {"of_workspace": workspace_id}).one_or_none()
    return WorkspaceLimits(*row) if row else WorkspaceLimits()


def save_workspace_limits(
    connection: Connection, *, workspace_id: WorkspaceId, limits: WorkspaceLimits
) -> None:
    """Keep a workspace's limits."""
    connection.execute(
        SAVE_WORKSPACE_LIMITS,
        {
            "of_workspace": workspace_id,
            "rate": limits.rate_per_s,
            "backlog": limits.backlog_limit,
            "share": limits.weight,
        },
    )


def read_source_limits(
    connection: Connection, *, workspace_id: WorkspaceId, source_id: SourceId
) -> SourceLimits:
    """Read a source's limits.

    Raises:
        NotFound: the workspace has no such source.
    """
    of = {"of_workspace": workspace_id, "of_source": source_id}
    row = connection.execute(READ_SOURCE_LIMITS, of).one_or_none()
    if row is None:
        raise _no_source(source_id)
    return SourceLimits(*row)


def save_source_limits(
    connection: Connection, *, workspace_id: WorkspaceId, source_id: SourceId, limits: SourceLimits
) -> None:
    """Keep a source's limits.

    Raises:
        NotFound: the workspace has no such source.
    """
    of = {"of_workspace": workspace_id, "of_source": source_id, "rate": limits.rate_per_s}
    if connection.execute(SAVE_SOURCE_LIMITS, of).rowcount == 0:
        raise _no_source(source_id)


def _no_source(source_id: SourceId) -> NotFound:
    return NotFound(
        f"There is no source {source_id} in this workspace.", hint="GET /api/sources lists them."
    )
