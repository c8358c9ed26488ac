"""The whole system for tests: real processes on throwaway data, and a client that speaks HTTP."""

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.support.waiting import wait_until
from transformer.cli.sender import Answer, prepare, read_target, send_all
from transformer.settings import load_settings
from transformer.supervisor import Instance


@dataclass(frozen=True, slots=True)
class Made:
    """A transformation that a test made: its id, and the URL that webhooks go to."""

    id: str
    url: str


class System:
    """A running instance, as its users see it."""

    def __init__(self, instance: Instance, client: httpx.Client) -> None:
        self.instance = instance
        self.client = client

    def call(self, method: str, path: str, **given: Any) -> Any:
        answer = self.client.request(method, path, **given)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def make(
        self, name: str, code: str, *, destination: str = "track", publish: bool = True
    ) -> Made:
        made = self.call(
            "POST",
            "/api/transformations",
            json={"name": name, "destination": destination, "code": code},
        )
        if publish:
            self.call("POST", f"/api/transformations/{made['id']}/publish", json={})
        return Made(made["id"], made["url"])

    def send(
        self, url: str, bodies: Sequence[bytes], *, concurrency: int = 16, timeout_s: float = 30.0
    ) -> list[Answer]:
        """Post webhooks; gives the answers in the order in which they came."""
        target = read_target(url)
        answers: list[Answer] = []
        asyncio.run(
            send_all(
                url,
                [prepare(target, body, {}, label=str(at)) for at, body in enumerate(bodies)],
                concurrency=concurrency,
                on_answer=answers.append,
                timeout_s=timeout_s,
            )
        )
        return answers

    def post(self, url: str, payload: object, headers: Mapping[str, str] | None = None) -> str:
        """Post one webhook; gives its event's id."""
        answer = httpx.post(url, content=orjson.dumps(payload), headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["event_id"])

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the SQLite store itself, behind everybody's back."""
        path = self.instance.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            return connection.execute(statement, values).fetchall()

    def count(self, made: Made) -> int:
        """Count a transformation's deliveries."""
        ((found,),) = self.rows(
            "select count(*) from deliveries where transformation_id = ?", made.id
        )
        return int(found)

    def delivery_of(self, event_id: str, *, within_s: float = 20.0) -> dict[str, Any]:
        """Wait for the delivery of an event, and give it as the API shows it."""
        ((delivery_id,),) = wait_until(
            f"{event_id} is in the delivery log",
            lambda: self.rows("select id from deliveries where event_id = ?", event_id),
            within_s=within_s,
        )
        found: dict[str, Any] = self.call("GET", f"/api/deliveries/{delivery_id}")
        return found

    def profile(self, external_id: str) -> dict[str, Any]:
        """Give the one profile of an external id."""
        found = self.call("GET", "/api/profiles", params={"external_id": external_id})["profiles"]
        assert len(found) == 1, found
        profile: dict[str, Any] = found[0]
        return profile


@contextmanager
def running_system(data_dir: Path, **given: Any) -> Iterator[System]:
    """Start everything on this data folder, and stop it with the block."""
    settings = load_settings(data_dir=data_dir, port=0, **given)
    with (
        Instance(settings, log_path=data_dir.with_suffix(".log")) as instance,
        httpx.Client(
            base_url=instance.url,
            headers={"authorization": f"Bearer {instance.admin_token}"},
            timeout=30,
        ) as client,
    ):
        yield System(instance, client)


def is_ready(url: str) -> bool:
    """Say whether a web process answers that all its services are there."""
    try:
        return httpx.get(f"{url}/readyz", timeout=2).is_success
    except httpx.HTTPError:
        return False
