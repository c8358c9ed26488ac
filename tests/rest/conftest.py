"""One running system for all tests of the REST API, which each keep to profiles of their own."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import insert

from tests.support.rest import make_key, rest_client
from tests.support.system import System, running_system
from transformer.ids import new_workspace_id
from transformer.store.engine import open_engine, writing
from transformer.store.tables import workspaces

CREATED_AT = "2026-01-01T00:00:00.000Z"


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("rest") / "data") as running:
        yield running


@pytest.fixture(scope="package")
def client(system: System) -> Iterator[httpx.Client]:
    """A caller that may do everything."""
    with rest_client(system, make_key(system)["key"]) as opened:
        yield opened


@pytest.fixture
def shop(system: System) -> Iterator[httpx.Client]:
    """A caller with a workspace of its own, so that its catalogs and its rates are its own too."""
    workspace_id = new_workspace_id()
    engine = open_engine(system.instance.database_url)
    with writing(engine) as connection:
        connection.execute(
            insert(workspaces), {"id": workspace_id, "name": "shop", "created_at": CREATED_AT}
        )
    engine.dispose()
    with rest_client(system, make_key(system, workspace_id=workspace_id)["key"]) as opened:
        yield opened
