from collections.abc import Iterator

import pytest

from sandbox import SandboxPool
from tests.hostile.sandboxes import running_pool


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with running_pool() as made:
        yield made
