"""The store that `transformer run --against` looks at, and what an outcome would change in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from transformer.clock import SystemClock, to_text
from transformer.delivery import Outcome
from transformer.errors import NotFound, UsageError
from transformer.ids import EventId, WorkspaceId, is_id
from transformer.operation import JsonObject
from transformer.settings import Settings, mask_password
from transformer.store.engine import Engine, open_to_look, snapshot
from transformer.store.steps import check_migrated
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID, read_workspace
from transformer.writer.dry_run import as_delivered, dry_run, settled_json
from transformer.writer.identity import read_blocked
from transformer.writer.told import told_on_the_wire

_SQLITE_HEAD = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Against:
    """A workspace of a store that may be in use; nothing here writes to it."""

    place: str
    engine: Engine
    workspace_id: WorkspaceId
    blocked: frozenset[str]

    def changes(self, outcome: Outcome, *, event_id: EventId) -> JsonObject:
        """Say what the writer would make of an outcome, in the shape of the API."""
        now = SystemClock().now()
        settlement = as_delivered(
            outcome, workspace_id=self.workspace_id, event_id=event_id, accepted_at=to_text(now)
        )
        with snapshot(self.engine) as connection:
            found = dry_run(
                connection,
                workspace_id=self.workspace_id,
                settlements=[settlement],
                now=now,
                blocked=self.blocked,
            )
        settled = told_on_the_wire(settled_json(found.settled[0]), outcome.output)
        return settled | found.as_json()


@contextmanager
def looking_at(settings: Settings, *, workspace: str | None) -> Iterator[Against]:
    """Open the store of these settings to look at it.

    Args:
        settings: their data folder is the one that was named.
        workspace: the id of a workspace; None for the default one.

    Raises:
        UsageError: there is no store, or the id is none.
        NotFound: it has no such workspace.
        StoreUnavailable: it does not answer, or has the tables of another version.
    """
    if workspace is not None and not is_id(workspace, "wsp"):
        raise UsageError(
            f"{workspace!r} is not the id of a workspace: wsp_ and 32 hex digits.",
            hint="GET /api/workspaces lists them.",
        )
    workspace_id = WorkspaceId(workspace) if workspace else DEFAULT_WORKSPACE_ID
    place = _place(settings)
    engine = open_to_look(settings.resolved_database_url())
    try:
        check_migrated(engine)
        with snapshot(engine) as connection:
            known = read_workspace(connection, workspace_id=workspace_id)
        if known is None:
            raise NotFound(
                f"The store in {place} has no workspace {workspace_id}.",
                hint="GET /api/workspaces lists them.",
            )
        yield Against(place, engine, workspace_id, read_blocked(settings.blocked_external_ids))
    finally:
        engine.dispose()


def _place(settings: Settings) -> str:
    """Say where the store is, if one can be there."""
    if settings.database_url:
        return mask_password(settings.database_url)
    file = settings.data_dir / "transformer.db"
    try:
        with file.open("rb") as opened:
            head = opened.read(len(_SQLITE_HEAD))
    except OSError as error:
        raise UsageError(
            f"There is no store in {settings.data_dir}: {file.name} cannot be read "
            f"({error.strerror}).",
            hint="Give the data folder of `transformer up`; .data, unless it was told another.",
        ) from error
    if head and head != _SQLITE_HEAD:
        raise UsageError(
            f"There is no store in {settings.data_dir}: {file.name} is no SQLite database.",
            hint="Give the data folder of `transformer up`; .data, unless it was told another.",
        )
    return str(settings.data_dir)
