"""How heavy each workspace is: its share of workers and writers, kept in memory for a while."""

from sqlalchemy import bindparam, select

from transformer.clock import Clock
from transformer.errors import StoreUnavailable
from transformer.ids import WorkspaceId
from transformer.store.engine import Engine, reading
from transformer.store.tables import workspaces

_OLDEST_S = 5.0
_READ_WEIGHT = select(workspaces.c.weight).where(workspaces.c.id == bindparam("workspace_id"))


class Weights:
    """Reads weights; a change is in force within :data:`_OLDEST_S` seconds."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._read_at = 0.0
        self._weights: dict[WorkspaceId, int] = {}

    def of(self, workspace_id: WorkspaceId) -> int:
        """Give a workspace's weight, 1 where none was chosen or the database does not answer."""
        now = self._clock.monotonic()
        if now - self._read_at > _OLDEST_S:
            self._weights.clear()
            self._read_at = now
        weight = self._weights.get(workspace_id)
        if weight is None:
            weight = self._weights[workspace_id] = self._read(workspace_id)
        return weight

    def _read(self, workspace_id: WorkspaceId) -> int:
        try:
            with reading(self._engine) as connection:
                found = connection.scalar(_READ_WEIGHT, {"workspace_id": workspace_id})
        except StoreUnavailable:
            return 1  # the drain itself will meet the database, and says so
        return found or 1
