"""The system that is measured: everything that `transformer up` starts, on throwaway data."""

import os
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from benchmarks.load import requests_for, send
from benchmarks.orders import ORDER, PEOPLE
from benchmarks.proc import cpu_by_role
from transformer.settings import load_settings
from transformer.supervisor import Instance

_POLL_S = 0.02
# That nothing was applied for so long means that nothing more will be.
_STANDSTILL_S = 60
_DRAINERS = ("worker", "writer", "scheduler")


class Store:
    """A look into the store from outside, at as little cost to what is measured as can be."""

    def __init__(self, url: str) -> None:
        self._connection: Any
        self._is_sqlite = url.startswith("sqlite:///")
        if self._is_sqlite:
            path = url.removeprefix("sqlite:///")
            self._connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
        else:
            self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Give the rows of a query with ? for each value."""
        if not self._is_sqlite:
            statement = statement.replace("?", "%s")
        found: list[tuple[Any, ...]] = self._connection.execute(statement, values).fetchall()
        return found

    def deliveries(self) -> int:
        """Count the rows of the delivery log, of which none is ever removed here."""
        # The highest number of a row is found in one step; counting would read them all.
        counted = "coalesce(max(rowid), 0)" if self._is_sqlite else "count(*)"
        [(count,)] = self.rows(f"select {counted} from deliveries")  # noqa: S608 - one of two
        return int(count)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class System:
    """A running instance with one published transformation, and how far it is with its webhooks."""

    def __init__(self, instance: Instance, store: Store) -> None:
        self.instance = instance
        self.store = store
        self.sent = 0
        self.transformation_id, self.url = _make_transformation(instance)

    def warm_up(self) -> None:
        """Let everybody buy once: caches are filled, profiles are there."""
        send(self.url, requests_for(self.url, 0, PEOPLE))
        self.wait_for(PEOPLE)

    def wait_for(self, count: int) -> None:
        """Wait until so many more webhooks are applied, each once."""
        self.sent += count
        reached, moved_at = -1, time.monotonic()
        while (found := self.store.deliveries()) < self.sent:
            if found != reached:
                reached, moved_at = found, time.monotonic()
            if time.monotonic() - moved_at > _STANDSTILL_S:
                message = f"{found} deliveries are applied, {self.sent} were accepted"
                raise RuntimeError(message)
            time.sleep(_POLL_S)

    def check_count(self) -> None:
        """Insist that what was accepted was applied, no less and no more."""
        [(applied, events)] = self.store.rows(
            "select count(*), count(distinct event_id) from deliveries "
            "where transformation_id = ? and state = 'applied'",
            self.transformation_id,
        )
        if not applied == events == self.sent:
            message = f"{self.sent} were accepted, {applied} applied, of {events} events"
            raise RuntimeError(message)

    def cpu(self) -> dict[str, float]:
        """Read the seconds of CPU that each role has used."""
        return cpu_by_role(self.instance.pids)

    def cpu_us_since(self, before: dict[str, float], *, count: int) -> dict[str, float]:
        """Give the µs of CPU that each role has used for each of so many webhooks."""
        return {
            role: (seconds - before.get(role, 0.0)) / count * 1e6
            for role, seconds in self.cpu().items()
        }

    @contextmanager
    def paused(self, *roles: str) -> Iterator[None]:
        """Let these processes stand still for as long as the block lasts."""
        pids = [pid for role in roles or _DRAINERS for pid in self.instance.pids[role]]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)


@contextmanager
def running_system(*, database_url: str | None = None) -> Iterator[System]:
    """Start everything with embedded defaults, warmed up."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = load_settings(
            data_dir=Path(folder) / "data", port=0, database_url=database_url or ""
        )
        log = Path(folder) / "log"
        with (
            Instance(settings, log_path=log) as instance,
            closing(Store(instance.database_url)) as store,
        ):
            system = System(instance, store)
            system.warm_up()
            yield system


def _make_transformation(instance: Instance) -> tuple[str, str]:
    """Create and publish the order transformation; gives its id and URL."""
    with httpx.Client(
        base_url=instance.url,
        headers={"authorization": f"Bearer {instance.admin_token}"},
        timeout=30,
    ) as client:
        answer = client.post(
            "/api/transformations",
            json={"name": "Orders", "destination": "track", "code": ORDER, "publish": True},
        )
    made = answer.raise_for_status().json()
    return made["id"], made["url"]
