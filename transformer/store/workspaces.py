"""Workspaces in the store."""

from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from transformer.clock import to_text
from transformer.errors import NotFound
from transformer.ids import WorkspaceId
from transformer.store.tables import workspaces
from transformer.workspace import Workspace

# A fixed id, so that two processes that start on an empty database make one workspace, not two.
DEFAULT_WORKSPACE_ID = WorkspaceId("wsp_" + "0" * 32)
_DEFAULT_NAME = "Default"

_INSERT_WORKSPACE = insert(workspaces)
_INSERT_MISSING = {
    "sqlite": sqlite.insert(workspaces).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(workspaces).on_conflict_do_nothing(),
}
_SELECT_WORKSPACES = select(workspaces.c.id, workspaces.c.name).order_by(workspaces.c.id)
_SELECT_WORKSPACE = select(workspaces.c.id, workspaces.c.name).where(
    workspaces.c.id == bindparam("workspace_id")
)


def ensure_default_workspace(connection: Connection, *, now: datetime) -> Workspace:
    """Return the workspace of whoever names none, made if it is missing."""
    held = read_workspace(connection, workspace_id=DEFAULT_WORKSPACE_ID)
    if held is not None:
        return held
    row = {"id": DEFAULT_WORKSPACE_ID, "name": _DEFAULT_NAME, "created_at": to_text(now)}
    connection.execute(_INSERT_MISSING[connection.dialect.name], row)
    return Workspace(id=DEFAULT_WORKSPACE_ID, name=_DEFAULT_NAME)


def create_workspace(connection: Connection, *, workspace: Workspace, now: datetime) -> None:
    """Store a new workspace."""
    row = {"id": workspace.id, "name": workspace.name, "created_at": to_text(now)}
    connection.execute(_INSERT_WORKSPACE, row)


def list_workspaces(connection: Connection) -> list[Workspace]:
    """List the workspaces, oldest first."""
    return [_workspace(row) for row in connection.execute(_SELECT_WORKSPACES)]


def read_workspace(connection: Connection, *, workspace_id: WorkspaceId) -> Workspace | None:
    """Read one workspace."""
    row = connection.execute(_SELECT_WORKSPACE, {"workspace_id": workspace_id}).one_or_none()
    return _workspace(row) if row else None


def check_workspace(connection: Connection, *, workspace_id: WorkspaceId) -> None:
    """Refuse a workspace that is not there.

    Raises:
        NotFound: there is none of this id.
    """
    if read_workspace(connection, workspace_id=workspace_id) is None:
        raise NotFound(
            f"There is no workspace {workspace_id}.", hint="GET /api/workspaces lists them."
        )


def _workspace(row: Row[str, str]) -> Workspace:
    return Workspace(id=WorkspaceId(row.id), name=row.name)
