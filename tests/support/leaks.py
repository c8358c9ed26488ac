"""A plugin: nothing is left behind, no child process and no thread, by a test or by the session.

A test is held against what there was before it. That says nothing where the test uses a pool or a
system that a module or the session shares, for those start processes when they like; what such a
fixture leaves behind is found at the session's end. Processes are looked up in Linux's ``/proc``;
elsewhere threads alone are held.
"""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.waiting import wait_until

# A process takes a moment to end, and a thread to return, after it was told to.
_GRACE_S = 2.0

# These are shared as well, but are one process from their beginning to their end.
_STEADY = frozenset({"redis_server_url", "postgres_url"})

_TASKS = Path("/proc/self/task")


@dataclass(frozen=True, slots=True)
class Living:
    """The direct children of this process, and the threads that would keep it from ending."""

    children: frozenset[int]
    threads: frozenset[threading.Thread]

    def without(self, others: "Living") -> "Living":
        return Living(self.children - others.children, self.threads - others.threads)

    def names(self) -> list[str]:
        children = [f"process {pid}: {command_of(pid)}" for pid in sorted(self.children)]
        return children + sorted(f"thread {thread.name}" for thread in self.threads)


def living() -> Living:
    """Look who is there now."""
    children: set[int] = set()
    for task in _TASKS.glob("*/children"):
        try:
            children.update(map(int, task.read_text().split()))
        except OSError:
            continue  # the thread ended meanwhile, and its children are another's
    return Living(
        frozenset(children),
        frozenset(thread for thread in threading.enumerate() if not thread.daemon),
    )


def left_since(before: Living) -> list[str]:
    """Name what is there that was not there before, and does not end within its grace."""
    try:
        wait_until(
            "all have ended", lambda: not living().without(before).names(), within_s=_GRACE_S
        )
    except AssertionError:
        return living().without(before).names()
    return []


@dataclass(slots=True)
class Shared:
    """The fixtures that outlive a test and are set up now, and how many ever were."""

    fixtures: set[pytest.FixtureDef[Any]] = field(default_factory=set)
    setups: int = 0

    def change_what_is_living(self, used: list[str]) -> bool:
        return any(
            fixture.argname in used and fixture.argname not in _STEADY for fixture in self.fixtures
        )


_SHARED = pytest.StashKey[Shared]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SHARED] = Shared()


def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> None:
    # Only a fixture of a conftest or of a test's file has a base: pytest's own start nothing.
    if fixturedef.scope != "function" and fixturedef.baseid:
        shared = request.config.stash[_SHARED]
        shared.fixtures.add(fixturedef)
        shared.setups += 1


def pytest_fixture_post_finalizer(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> None:
    request.config.stash[_SHARED].fixtures.discard(fixturedef)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_by_the_session() -> Iterator[None]:
    before = living()
    yield
    left = left_since(before)
    assert not left, f"The session left behind: {'; '.join(left)}"


@pytest.fixture(autouse=True)
def nothing_is_left_by_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    shared = request.config.stash[_SHARED]
    before, setups = living(), shared.setups
    yield
    if shared.setups == setups and not shared.change_what_is_living(request.fixturenames):
        left = left_since(before)
        assert not left, f"The test left behind: {'; '.join(left)}"


def command_of(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return "ended"
    return command or f"ended, and process {os.getpid()} did not wait for it"
