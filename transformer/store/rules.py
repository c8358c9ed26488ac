"""Forced types and blocked names in the store, and those that are in force, kept in memory."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select

from transformer.clock import Clock, to_text
from transformer.errors import Conflict, NotFound
from transformer.ids import WorkspaceId
from transformer.rules import MAX_RULES, BlockedKind, BlockedName, ForcedType, Rules, rules_of
from transformer.store.engine import Engine, reading
from transformer.store.tables import blocked_names, forced_types
from transformer.store.upserts import Upsert

# Should a rule be stored and the new version not reach Redis, what is kept is at most so old.
_OLDEST_S = 5.0

_TYPE_OF = forced_types.c.workspace_id == bindparam("of_workspace")
_NAME_OF = blocked_names.c.workspace_id == bindparam("of_workspace")
LIST_TYPES = (
    select(forced_types.c.name, forced_types.c.type, forced_types.c.created_at)
    .where(_TYPE_OF)
    .order_by(forced_types.c.name)
)
LIST_BLOCKED = (
    select(
        blocked_names.c.kind,
        blocked_names.c.name,
        blocked_names.c.of_name,
        blocked_names.c.created_at,
    )
    .where(_NAME_OF)
    .order_by(blocked_names.c.kind, blocked_names.c.of_name, blocked_names.c.name)
)
_SAME_TYPE = forced_types.c.name == bindparam("of_name")
_SAME_NAME = (
    (blocked_names.c.kind == bindparam("of_kind"))
    & (blocked_names.c.of_name == bindparam("of_owner"))
    & (blocked_names.c.name == bindparam("of_name"))
)
COUNT_OTHER_TYPES = select(func.count()).where(_TYPE_OF, ~_SAME_TYPE)
COUNT_OTHER_NAMES = select(func.count()).where(_NAME_OF, ~_SAME_NAME)
SAVE_TYPE = Upsert(forced_types, key=["workspace_id", "name"], changing=["type"])
SAVE_BLOCKED = Upsert(blocked_names, key=["workspace_id", "kind", "of_name", "name"])
DELETE_TYPE = delete(forced_types).where(_TYPE_OF, _SAME_TYPE)
DELETE_BLOCKED = delete(blocked_names).where(_NAME_OF, _SAME_NAME)


@dataclass(frozen=True, slots=True)
class Forced:
    """A custom attribute whose type is forced, and since when some type of it is."""

    name: str
    type: ForcedType
    created_at: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A name that is blocked, and since when."""

    named: BlockedName
    created_at: str


def list_forced(connection: Connection, *, workspace_id: WorkspaceId) -> list[Forced]:
    """List the forced types of a workspace, by name."""
    found = connection.execute(LIST_TYPES, {"of_workspace": workspace_id})
    return [Forced(name, ForcedType(type_), created_at) for name, type_, created_at in found]


def list_blocked(connection: Connection, *, workspace_id: WorkspaceId) -> list[Blocked]:
    """List the blocked names of a workspace, by kind, owner and name."""
    found = connection.execute(LIST_BLOCKED, {"of_workspace": workspace_id})
    return [
        Blocked(BlockedName(BlockedKind(kind), name, of), created_at)
        for kind, name, of, created_at in found
    ]


def force_type(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    name: str,
    forced: ForcedType,
    now: datetime,
) -> None:
    """Force the type of a custom attribute; what profiles hold stays as it is.

    Raises:
        Conflict: the workspace forces as many types as it may.
    """
    of = {"of_workspace": workspace_id, "of_name": name}
    if (connection.scalar(COUNT_OTHER_TYPES, of) or 0) >= MAX_RULES:
        raise Conflict(
            f"The workspace forces {MAX_RULES} types already.",
            hint="Let go of those that are not needed: DELETE /api/attribute-types.",
        )
    row = {
        "workspace_id": workspace_id,
        "name": name,
        "type": forced.value,
        "created_at": to_text(now),
    }
    connection.execute(SAVE_TYPE.on(connection), row)


def let_type(connection: Connection, *, workspace_id: WorkspaceId, name: str) -> None:
    """Let the type of a custom attribute be found from the data again.

    Raises:
        NotFound: it is not forced.
    """
    of = {"of_workspace": workspace_id, "of_name": name}
    if connection.execute(DELETE_TYPE, of).rowcount == 0:
        raise NotFound(
            f"The type of {name!r:.80} is not forced.", hint="GET /api/attribute-types lists them."
        )


def block_name(
    connection: Connection, *, workspace_id: WorkspaceId, named: BlockedName, now: datetime
) -> None:
    """Block a name; what profiles hold stays as it is. One that is blocked already stays so.

    Raises:
        Conflict: the workspace blocks as many names as it may.
    """
    if (connection.scalar(COUNT_OTHER_NAMES, _of(workspace_id, named)) or 0) >= MAX_RULES:
        raise Conflict(
            f"The workspace blocks {MAX_RULES} names already.",
            hint="Let go of those that are not needed: DELETE /api/blocked-names.",
        )
    row = {
        "workspace_id": workspace_id,
        "kind": named.kind.value,
        "of_name": named.of,
        "name": named.name,
        "created_at": to_text(now),
    }
    connection.execute(SAVE_BLOCKED.on(connection), row)


def unblock_name(connection: Connection, *, workspace_id: WorkspaceId, named: BlockedName) -> None:
    """Take a name in again.

    Raises:
        NotFound: it is not blocked.
    """
    if connection.execute(DELETE_BLOCKED, _of(workspace_id, named)).rowcount == 0:
        raise NotFound(
            f"{named.name!r:.80} is not blocked as {named.kind.value}.",
            hint="GET /api/blocked-names lists them.",
        )


def _of(workspace_id: WorkspaceId, named: BlockedName) -> dict[str, str]:
    return {
        "of_workspace": workspace_id,
        "of_kind": named.kind.value,
        "of_owner": named.of,
        "of_name": named.name,
    }


def read_rules(connection: Connection, *, workspace_id: WorkspaceId) -> Rules | None:
    """Read what a workspace forces and blocks; None where that is nothing."""
    forced = list_forced(connection, workspace_id=workspace_id)
    blocked = list_blocked(connection, workspace_id=workspace_id)
    return rules_of({one.name: one.type for one in forced}, [one.named for one in blocked])


class RulesInForce:
    """Reads rules, and forgets them when the configuration changes.

    A workspace, with rules or without, costs its writer a look into a dictionary, a batch.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._read_at = 0.0
        self._version = ""
        self._rules: dict[WorkspaceId, Rules | None] = {}

    def of(self, workspace_id: WorkspaceId, version: str) -> Rules | None:
        """Give what a workspace forces and blocks; None where that is nothing.

        Args:
            workspace_id: whose rules.
            version: that of the configuration.

        Raises:
            StoreUnavailable: the database does not answer; to guess would take in what is blocked.
        """
        now = self._clock.monotonic()
        if version != self._version or now - self._read_at > _OLDEST_S:
            self._version = version
            self._read_at = now
            self._rules.clear()
        if workspace_id not in self._rules:
            with reading(self._engine) as connection:
                self._rules[workspace_id] = read_rules(connection, workspace_id=workspace_id)
        return self._rules[workspace_id]
