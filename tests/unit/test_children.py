"""When a child of the supervisor that died is started again."""

import sys
from types import SimpleNamespace

import pytest

from tests.support.waiting import wait_until
from transformer.supervisor import children
from transformer.supervisor.children import Child


class Life:
    """A child that ends at once, in a time that moves when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(children, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.child = Child("short", [sys.executable, "-c", ""], {})

    def backoff_s_after(self, *, lived_s: float) -> float:
        self.child.start()
        self.now += lived_s
        wait_until("it has ended", lambda: self.child.reap() is not None)
        return self.child.backoff_s


@pytest.fixture
def life(monkeypatch: pytest.MonkeyPatch) -> Life:
    return Life(monkeypatch)


def test_a_child_that_dies_while_it_starts_waits_longer_each_time(life: Life) -> None:
    backoffs = [life.backoff_s_after(lived_s=2) for _ in range(9)]
    assert backoffs[:4] == [0.1, 0.2, 0.4, 0.8]
    assert backoffs[-1] == 10


def test_a_child_that_was_killed_while_it_worked_is_there_again_at_once(life: Life) -> None:
    # Let it take 30 seconds to be well to see this fail.
    assert [life.backoff_s_after(lived_s=6) for _ in range(9)] == [0.1] * 9
