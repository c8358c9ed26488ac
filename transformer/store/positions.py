"""How far the writer has come in each workspace's outcomes stream (I6)."""

from sqlalchemy import Connection, bindparam, select, update

from transformer.ids import WorkspaceId
from transformer.store.tables import positions
from transformer.store.upserts import Upsert

READ_POSITION = select(positions.c.position).where(
    positions.c.workspace_id == bindparam("of_workspace")
)
BEGIN_POSITION = Upsert(positions, key=["workspace_id"])
MOVE_POSITION = (
    update(positions)
    .where(
        positions.c.workspace_id == bindparam("of_workspace"),
        positions.c.position == bindparam("expected"),
    )
    .values(position=bindparam("to"))
)


def read_position(connection: Connection, *, workspace_id: WorkspaceId) -> str | None:
    """Give the last stream entry whose effects are in the store; None before the first."""
    return connection.execute(READ_POSITION, {"of_workspace": workspace_id}).scalar_one_or_none()


def move_position(
    connection: Connection, *, workspace_id: WorkspaceId, expected: str | None, to: str
) -> bool:
    """Move the position if it stands where the caller believes it does.

    Called first in the transaction, it also holds a second writer off until the first has ended.

    Returns:
        False if another writer was here; the caller then rolls its transaction back.
    """
    if expected is None:
        moved = connection.execute(
            BEGIN_POSITION.on(connection),
            {"workspace_id": workspace_id, "position": to},
            # psycopg's count of an insert's rows is forgotten without it.
            execution_options={"preserve_rowcount": True},
        )
    else:
        moved = connection.execute(
            MOVE_POSITION, {"of_workspace": workspace_id, "expected": expected, "to": to}
        )
    return moved.rowcount == 1
