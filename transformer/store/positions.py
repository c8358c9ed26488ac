"""How far the writer has come in each workspace's outcomes stream (I6)."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from transformer.ids import WorkspaceId
from transformer.store.tables import positions
from transformer.store.upserts import Upsert

READ_POSITION = select(
    positions.c.position, positions.c.generation, positions.c.checked_until
).where(positions.c.workspace_id == bindparam("of_workspace"))
BEGIN_POSITION = Upsert(positions, key=["workspace_id"])
MOVE_POSITION = (
    update(positions)
    .where(
        positions.c.workspace_id == bindparam("of_workspace"),
        positions.c.position == bindparam("expected"),
        positions.c.generation == bindparam("expected_generation"),
    )
    .values(
        position=bindparam("to"),
        generation=bindparam("to_generation"),
        checked_until=bindparam("to_checked_until"),
    )
)


@dataclass(frozen=True, slots=True)
class Position:
    """How far the writer has come.

    Args:
        entry_id: the last stream entry whose effects are in the store.
        generation: the life of Redis that the id is of; in another it means nothing.
        checked_until: ISO 8601, UTC; what was accepted before may come again after having been
            applied, for Redis has lost its memory. Empty: nothing does.
    """

    entry_id: str
    generation: str
    checked_until: str = ""


def read_position(connection: Connection, *, workspace_id: WorkspaceId) -> Position | None:
    """Give the position; None before the first entry."""
    row = connection.execute(READ_POSITION, {"of_workspace": workspace_id}).one_or_none()
    return None if row is None else Position(*row)


def move_position(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    expected: Position | None,
    to: Position,
) -> bool:
    """Move the position if it stands where the caller believes it does.

    Called first in the transaction, it also holds a second writer off until the first has ended.

    Returns:
        False if another writer was here; the caller then rolls its transaction back.
    """
    if expected is None:
        moved = connection.execute(
            BEGIN_POSITION.on(connection),
            {
                "workspace_id": workspace_id,
                "position": to.entry_id,
                "generation": to.generation,
                "checked_until": to.checked_until,
            },
            # psycopg's count of an insert's rows is forgotten without it.
            execution_options={"preserve_rowcount": True},
        )
    else:
        moved = connection.execute(
            MOVE_POSITION,
            {
                "of_workspace": workspace_id,
                "expected": expected.entry_id,
                "expected_generation": expected.generation,
                "to": to.entry_id,
                "to_generation": to.generation,
                "to_checked_until": to.checked_until,
            },
        )
    return moved.rowcount == 1
