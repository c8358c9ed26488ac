"""One running system for all tests of the REST API, which each keep to profiles of their own."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.rest import make_key, rest_client
from tests.support.system import System, running_system


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("rest") / "data") as running:
        yield running


@pytest.fixture(scope="package")
def client(system: System) -> Iterator[httpx.Client]:
    """A caller that may do everything."""
    with rest_client(system, make_key(system)["key"]) as opened:
        yield opened
