"""API keys in the store, on each database."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import Engine, text

from transformer.api_key import ApiKey, Permission, hash_of
from transformer.errors import NotFound
from transformer.ids import WorkspaceId, new_key_id, new_workspace_id
from transformer.store.api_keys import create_key, delete_key, find_key, list_keys, note_seen
from transformer.store.engine import reading, writing
from transformer.store.workspaces import create_workspace
from transformer.workspace import Workspace

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _workspace(engine: Engine) -> WorkspaceId:
    workspace = Workspace(id=new_workspace_id(), name="Teapots")
    with writing(engine) as connection:
        create_workspace(connection, workspace=workspace, now=NOW)
    return workspace.id


def _key(engine: Engine, workspace_id: WorkspaceId) -> ApiKey:
    key = ApiKey(
        id=new_key_id(),
        workspace_id=workspace_id,
        name="CRM",
        permissions=frozenset({Permission.USERS_TRACK, Permission.CATALOGS_GET}),
        networks=(ip_network("192.0.2.0/24"), ip_network("2001:db8::1/128")),
        secret_hash=hash_of("secret"),
        created_at=NOW,
    )
    with writing(engine) as connection:
        create_key(connection, key)
    return key


def test_a_key_is_read_as_it_was_made(engine: Engine) -> None:
    key = _key(engine, _workspace(engine))
    with reading(engine) as connection:
        assert find_key(connection, key_id=key.id) == key
        assert find_key(connection, key_id=new_key_id()) is None
        assert list_keys(connection, workspace_id=key.workspace_id) == [key]


def test_a_key_says_when_it_was_used(engine: Engine) -> None:
    key = _key(engine, _workspace(engine))
    with writing(engine) as connection:
        note_seen(connection, key_id=key.id, at=NOW + timedelta(hours=1))
    with reading(engine) as connection:
        found = find_key(connection, key_id=key.id)
    assert found is not None
    assert found.last_seen_at == NOW + timedelta(hours=1)


def test_a_workspace_lists_and_deletes_its_own_keys_alone(engine: Engine) -> None:
    ours, theirs = _key(engine, _workspace(engine)), _key(engine, _workspace(engine))
    with reading(engine) as connection:
        assert list_keys(connection, workspace_id=ours.workspace_id) == [ours]
    with pytest.raises(NotFound), writing(engine) as connection:
        delete_key(connection, workspace_id=ours.workspace_id, key_id=theirs.id)
    with writing(engine) as connection:
        delete_key(connection, workspace_id=ours.workspace_id, key_id=ours.id)
    with reading(engine) as connection:
        assert find_key(connection, key_id=ours.id) is None
        assert find_key(connection, key_id=theirs.id) == theirs


def test_a_permission_of_another_release_opens_nothing(engine: Engine) -> None:
    key = _key(engine, _workspace(engine))
    with writing(engine) as connection:
        connection.execute(text("""UPDATE api_keys SET permissions = '["users.fly"]'"""))
    with reading(engine) as connection:
        found = find_key(connection, key_id=key.id)
    assert found is not None
    assert found.permissions == frozenset()
