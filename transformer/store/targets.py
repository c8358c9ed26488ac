"""Where a workspace's applied operations are also to go, kept in memory for a while."""

from collections.abc import Sequence

from transformer.clock import Clock
from transformer.ids import WorkspaceId
from transformer.store.engine import Engine, reading
from transformer.store.outbox import Target, read_targets

_OLDEST_S = 5.0


class Targets:
    """Reads forwards; a change is in force within :data:`_OLDEST_S` seconds.

    A workspace without a forward costs its writer a look into a dictionary, a batch.
    """

    def __init__(self, engine: Engine, clock: Clock, *, most: int) -> None:
        self._engine = engine
        self._clock = clock
        self._most = most
        self._read_at = 0.0
        self._targets: dict[WorkspaceId, Sequence[Target]] = {}

    def of(self, workspace_id: WorkspaceId) -> Sequence[Target]:
        """Give the forwards of a workspace, and which of them hold as much as they may.

        Raises:
            StoreUnavailable: the database does not answer; to guess would leave operations out.
        """
        now = self._clock.monotonic()
        if now - self._read_at > _OLDEST_S:
            self._targets.clear()
            self._read_at = now
        targets = self._targets.get(workspace_id)
        if targets is None:
            with reading(self._engine) as connection:
                targets = read_targets(connection, workspace_id=workspace_id, most=self._most)
            self._targets[workspace_id] = targets
        return targets
