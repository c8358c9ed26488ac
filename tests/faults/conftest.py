"""A system on a Redis that a test may stop, and one writer alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.own_redis import OwnRedis, own_redis
from tests.support.system import System, running_system
from tests.support.writer_bench import Bench, writer_bench


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    with own_redis(tmp_path_factory.mktemp("server") / "redis") as server:
        yield server


@pytest.fixture(scope="package")
def system(server: OwnRedis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    with running_system(folder / "data", redis_url=server.url) as system:
        yield system


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with writer_bench(tmp_path) as bench:
        yield bench
