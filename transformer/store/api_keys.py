"""API keys in the store."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from transformer.api_key import ApiKey, Permission, read_networks
from transformer.clock import from_text, to_text
from transformer.errors import NotFound
from transformer.ids import KeyId, WorkspaceId
from transformer.store.tables import api_keys

_INSERT_KEY = insert(api_keys)
_SELECT_KEY = select(api_keys).where(api_keys.c.id == bindparam("of_key"))
_SELECT_KEYS = (
    select(api_keys)
    .where(api_keys.c.workspace_id == bindparam("of_workspace"))
    .order_by(api_keys.c.id)
)
_DELETE_KEY = delete(api_keys).where(
    api_keys.c.id == bindparam("of_key"), api_keys.c.workspace_id == bindparam("of_workspace")
)
_NOTE_SEEN = (
    update(api_keys)
    .where(api_keys.c.id == bindparam("of_key"))
    .values(last_seen_at=bindparam("at"))
)


def create_key(connection: Connection, key: ApiKey) -> None:
    """Store a new key."""
    row = {
        "id": key.id,
        "workspace_id": key.workspace_id,
        "name": key.name,
        "permissions": sorted(key.permissions),
        "allowed_ips": [str(network) for network in key.networks],
        "secret_hash": key.secret_hash,
        "created_at": to_text(key.created_at),
        "last_seen_at": None,
    }
    connection.execute(_INSERT_KEY, row)


def find_key(connection: Connection, *, key_id: KeyId) -> ApiKey | None:
    """Find a key by its id, in whichever workspace."""
    row = connection.execute(_SELECT_KEY, {"of_key": key_id}).one_or_none()
    return _key(row) if row else None


def list_keys(connection: Connection, *, workspace_id: WorkspaceId) -> list[ApiKey]:
    """List a workspace's keys, oldest first."""
    return [_key(row) for row in connection.execute(_SELECT_KEYS, {"of_workspace": workspace_id})]


def delete_key(connection: Connection, *, workspace_id: WorkspaceId, key_id: KeyId) -> None:
    """Remove a key; what was done with it stays.

    Raises:
        NotFound: the workspace has no such key.
    """
    of = {"of_workspace": workspace_id, "of_key": key_id}
    if connection.execute(_DELETE_KEY, of).rowcount == 0:
        raise NotFound(
            f"There is no API key {key_id} in this workspace.", hint="GET /api/keys lists them."
        )


def note_seen(connection: Connection, *, key_id: KeyId, at: datetime) -> None:
    """Note when a key was used last."""
    connection.execute(_NOTE_SEEN, {"of_key": key_id, "at": to_text(at)})


def _key(row: Row[*tuple[Any, ...]]) -> ApiKey:
    return ApiKey(
        id=KeyId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        name=row.name,
        # One of an older release may name what is no permission any more.
        permissions=frozenset(Permission(name) for name in row.permissions if name in _NAMES),
        networks=read_networks(row.allowed_ips),
        secret_hash=row.secret_hash,
        created_at=from_text(row.created_at),
        last_seen_at=from_text(row.last_seen_at) if row.last_seen_at else None,
    )


_NAMES = frozenset(permission.value for permission in Permission)
