"""Where a workspace's applied operations are also to go, kept in memory until it may have changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformer.clock import Clock
from transformer.ids import WorkspaceId
from transformer.store.engine import Engine, reading
from transformer.store.outbox import Target, read_targets

# How long a forward that is full, or not full any more, is taken for what it was.
_OLDEST_S = 5.0


@dataclass(frozen=True, slots=True)
class _Held:
    targets: Sequence[Target]
    version: str
    read_at: float


class Targets:
    """Reads forwards anew when the configuration has another version.

    A workspace without a forward costs its writer a look into a dictionary, a batch.
    """

    def __init__(self, engine: Engine, clock: Clock, *, most: int) -> None:
        self._engine = engine
        self._clock = clock
        self._most = most
        self._held: dict[WorkspaceId, _Held] = {}

    def of(self, workspace_id: WorkspaceId, version: str) -> Sequence[Target]:
        """Give the forwards of a workspace, and which of them hold as much as they may.

        Args:
            workspace_id: whose forwards.
            version: that of the configuration.

        Raises:
            StoreUnavailable: the database does not answer; to guess would leave operations out.
        """
        held = self._held.get(workspace_id)
        if held is not None and held.version == version:
            if not held.targets:
                return ()
            if self._clock.monotonic() - held.read_at < _OLDEST_S:
                return held.targets
        with reading(self._engine) as connection:
            targets = read_targets(connection, workspace_id=workspace_id, most=self._most)
        self._held[workspace_id] = _Held(targets, version, self._clock.monotonic())
        return targets
