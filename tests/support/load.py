"""Webhooks without a pause, as a platform sends them, and the account of what came of them."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.support.system import Made, System
from tests.support.waiting import wait_until
from transformer.cli.sender import CREATED

COUNTING = """
return {
  attributes: [{ external_id: payload.person, hits: { inc: 1 }, _update_existing_only: false }],
  events: [{ external_id: payload.person, name: "hit", time: context.accepted_at }],
};
"""

_AT_ONCE = 40
_PAUSE_S = 0.05


@dataclass
class Load:
    """What was sent to one transformation that counts, and how it was answered."""

    system: System
    made: Made
    person: str
    accepted: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    padding: str = ""
    _ending: threading.Event = field(default_factory=threading.Event)

    @property
    def body(self) -> bytes:
        """What each webhook carries."""
        return orjson.dumps({"person": self.person, "padding": self.padding})

    def send(self, count: int = _AT_ONCE) -> None:
        """Send a handful; what was accepted is kept account of."""
        for answer in self.system.send(self.made.url, [self.body] * count, timeout_s=15):
            self.statuses[answer.status] += 1
            if answer.status == CREATED:
                self.accepted.add(orjson.loads(answer.body)["event_id"])

    def keep_sending(self) -> None:
        while not self._ending.wait(_PAUSE_S):
            self.send()

    def end(self) -> None:
        self._ending.set()

    def wait_for_more(self, count: int = 80, *, within_s: float = 60) -> None:
        """Wait until this many more webhooks are accepted."""
        wanted = len(self.accepted) + count
        wait_until(
            f"{count} more are accepted", lambda: len(self.accepted) >= wanted, within_s=within_s
        )

    def wait_until_accepted(self, *, within_s: float = 60) -> None:
        """Send until something is accepted again."""
        before = len(self.accepted)

        def is_accepted() -> bool:
            self.send(1)
            return len(self.accepted) > before

        wait_until("a webhook is accepted again", is_accepted, within_s=within_s)

    def assert_exactly_once(self, *, within_s: float = 60) -> None:
        """Hold the store against the account: all that was accepted is applied, each once.

        What was not answered 201 may be held all the same; it counts once then, too.
        """
        wait_until(
            "all that was accepted is in the log",
            lambda: self.accepted <= self.logged().keys(),
            within_s=within_s,
        )
        wait_until("nothing waits", lambda: backlog(self.system) == 0, within_s=within_s)
        logged = self.logged()
        assert set(logged.values()) == {1}, "an event was delivered twice"
        profile = self.system.profile(self.person)
        assert profile["custom_attributes"]["hits"] == len(logged)
        assert profile["custom_events"][0]["count"] == len(logged)

    def logged(self) -> Counter[str]:
        """Count the deliveries of each event."""
        rows = self.system.rows(
            "select event_id from deliveries where transformation_id = ?", self.made.id
        )
        return Counter(event_id for (event_id,) in rows)


def backlog(system: System) -> float:
    """Read from the metrics how many entries wait; infinity while nobody can tell."""
    answer = system.client.get("/metrics")
    for line in answer.text.splitlines():
        if answer.is_success and line.startswith("transformer_backlog_entries "):
            return float(line.split()[1])
    return float("inf")


def counting(system: System, person: str, **given: Any) -> Load:
    """Make a transformation that counts its webhooks on one profile."""
    return Load(system, system.make(f"Counting {person}", COUNTING), person, **given)


@contextmanager
def under_load(system: System, person: str, **given: Any) -> Iterator[Load]:
    """Send without a pause while the block runs."""
    load = counting(system, person, **given)
    thread = threading.Thread(target=load.keep_sending)
    thread.start()
    try:
        load.wait_for_more()
        yield load
    finally:
        load.end()
        thread.join()
