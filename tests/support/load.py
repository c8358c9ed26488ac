"""Webhooks without a pause, as a platform sends them, and the account of what came of them."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import text

from tests.support.system import Made, System
from tests.support.waiting import wait_until
from transformer.cli.sender import CREATED
from transformer.store.engine import open_engine, reading

COUNTING = """
return {
  attributes: [{ external_id: payload.person, hits: { inc: 1 }, _update_existing_only: false }],
  events: [{ external_id: payload.person, name: "hit", time: context.accepted_at }],
};
"""

_EVENTS_OF = text("SELECT event_id FROM deliveries WHERE transformation_id = :transformation")
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

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._keep_sending)

    def begin(self) -> None:
        """Send without a pause from here on."""
        self._thread.start()

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

    def _keep_sending(self) -> None:
        while not self._ending.wait(_PAUSE_S):
            self.send()

    def finish(self) -> None:
        """Send no more, and wait for the last answers."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join()

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
        engine = open_engine(self.system.instance.database_url)
        with reading(engine) as connection:
            events = connection.execute(_EVENTS_OF, {"transformation": self.made.id}).scalars()
            counted = Counter(events.all())
        engine.dispose()
        return counted


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
    load.begin()
    try:
        load.wait_for_more()
        yield load
    finally:
        load.finish()
