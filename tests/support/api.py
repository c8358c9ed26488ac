"""The console API for tests: the real application on a real database, without a server.

The sandbox and the queue stand behind two small interfaces; here they are played by values that
remember what was asked of them. ``integration/test_api_runs.py`` has the real sandbox instead.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from sqlalchemy import Engine, insert
from starlette.applications import Starlette

from transformer.api.app import api_routes, route_table
from transformer.api.deps import ApiDeps, Complaint, Delay, Preview, Seen, Watched
from transformer.api.errors import exception_handlers
from transformer.api.openapi import ERROR
from transformer.clock import to_text
from transformer.delivery import Outcome, Problem, State, Verdict
from transformer.forward.address import Reach
from transformer.ids import WorkspaceId
from transformer.replay import Appended, Busy, Elsewhere, Page, ReplayItem
from transformer.store.engine import open_engine, writing
from transformer.store.migrate import migrate
from transformer.store.tables import deliveries, events
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID, ensure_default_workspace
from transformer.transformation import Destination
from transformer.writer.identity import BLOCKED_EXTERNAL_IDS

KEY = "the-admin-token"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class StillClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self._now = NOW

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - NOW).total_seconds()

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class EchoPreview:
    """Gives back what it was asked to run; code that is "syntax error" is one."""

    def run(
        self,
        *,
        workspace_id: WorkspaceId,
        code: str,
        destination: Destination,
        payload: bytes,
        headers: dict[str, str],
        context: dict[str, Any],
    ) -> Outcome:
        asked = {
            "workspace_id": workspace_id,
            "code": code,
            "destination": destination.value,
            "payload": payload.decode(),
            "headers": headers,
            "context": context,
        }
        return Outcome(verdict=Verdict.OK, output=asked)

    def check(self, *, workspace_id: WorkspaceId, code: str) -> Problem | None:
        assert workspace_id
        if code != "syntax error":
            return None
        return Problem("syntax_error", "Unexpected identifier 'error'", line=1, column=8)


@dataclass
class Api:
    """The application, and what it asked of the parts behind it."""

    engine: Engine
    clock: StillClock
    app: Starlette
    replayed: list[list[ReplayItem]] = field(default_factory=list)
    pages: list[Page | None] = field(default_factory=list)
    changes: int = 0
    services: list[tuple[str, str | None]] = field(default_factory=list)
    degraded: list[Complaint] = field(default_factory=list)
    # What the parts behind the API raise when they are asked next.
    failing: Exception | None = None

    def replay(
        self, items: Sequence[ReplayItem], *, page: Page | None = None
    ) -> Appended | Busy | Elsewhere:
        if self.failing is not None:
            raise self.failing
        if items:
            self.replayed.append(list(items))
        self.pages.append(page)
        return Appended()

    def forget(self, page: Page) -> None:
        pass

    def changed(self) -> None:
        if self.failing is not None:
            raise self.failing
        self.changes += 1

    def ready(self) -> list[tuple[str, str | None]]:
        if self.failing is not None:
            raise self.failing
        return self.services

    def request(self, method: str, path: str, *, key: str = KEY, **given: Any) -> httpx.Response:
        """Ask the application, and hold its answer against the schema of its route."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        headers |= given.pop("headers", {})
        response = asyncio.run(self._request(method, path, headers, given))
        if method != "HEAD":
            _check_shape(method, response)
        return response

    async def _request(
        self, method: str, path: str, headers: dict[str, str], given: dict[str, Any]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://host.test") as client:
            return await client.request(method, path, headers=headers, **given)

    def get(self, path: str, **given: Any) -> Any:
        return self._well(self.request("GET", path, **given))

    def post(self, path: str, body: object = None, **given: Any) -> Any:
        return self._well(self.request("POST", path, json=body, **given))

    def put(self, path: str, body: object) -> Any:
        return self._well(self.request("PUT", path, json=body))

    def _well(self, response: httpx.Response) -> Any:
        assert response.is_success, f"{response.status_code} {response.text}"
        return response.json()

    def make(self, **given: Any) -> dict[str, Any]:
        """Make a transformation."""
        made: dict[str, Any] = self.post("/api/transformations", {"name": "Orders"} | given)
        return made

    def log(
        self,
        transformation: dict[str, Any] | None,
        *,
        state: State = State.APPLIED,
        body: bytes = b"{}",
        event_id: str = "",
        revision_id: str | None = None,
        error_code: str | None = None,
    ) -> dict[str, Any]:
        """Put a delivery of a new event into the log, as the writer does."""
        self.clock.advance(1)
        at = to_text(self.clock.now())
        number = f"{int(self.clock.monotonic()):032x}"
        event = {
            "id": event_id or f"evt_{number}",
            "workspace_id": DEFAULT_WORKSPACE_ID,
            "source_id": transformation["source_id"] if transformation else "src_" + "0" * 32,
            "content_type": "application/json",
            "headers": {"X-Topic": "orders"},
            "body": body,
            "accepted_at": at,
        }
        parts = ("operations", "errors", "warnings", "console")
        row: dict[str, Any] = {
            "id": f"dlv_{number}",
            "workspace_id": DEFAULT_WORKSPACE_ID,
            "transformation_id": transformation["id"] if transformation else None,
            "revision_id": revision_id,
            "event_id": event["id"],
            "state": state.value,
            "error_code": error_code,
            "operation_count": 0,
            "report": {"output": None} | {part: [] for part in parts},
            "duration_us": 10,
            "accepted_at": at,
            "applied_at": at,
            "replay_of": None,
        }
        with writing(self.engine) as connection:
            connection.execute(insert(deliveries), row)
            if not event_id:
                connection.execute(insert(events), event)
        return row


def _check_shape(method: str, response: httpx.Response) -> None:
    if response.is_error:
        Draft202012Validator(ERROR).validate(response.json())
        return
    path = response.request.url.path
    for route in route_table():
        pattern = route.path.split("/")
        parts = path.split("/")
        same = len(pattern) == len(parts) and all(
            one == other or one.startswith("{") for one, other in zip(pattern, parts, strict=True)
        )
        if same and route.method == method:
            assert response.status_code == route.status
            Draft202012Validator(route.answer).validate(response.json())
            return
    raise AssertionError(f"{method} {path} is no route of the API, and yet it answered.")


@contextmanager
def running_api(
    folder: Path,
    *,
    preview: Preview | None = None,
    base_url: str = "",
    max_body_bytes: int = 2_000,
    forward_reach: Reach = "public",
) -> Iterator[Api]:
    """Give the API on a new SQLite database in this folder."""
    url = f"sqlite:///{folder / 'store.db'}"
    migrate(url)
    engine = open_engine(url)
    api = Api(engine=engine, clock=StillClock(), app=Starlette())
    with writing(engine) as connection:
        ensure_default_workspace(connection, now=NOW)
    deps = ApiDeps(
        engine=engine,
        clock=api.clock,
        admin_token=KEY,
        base_url=base_url,
        preview=preview or EchoPreview(),
        replayer=api,
        changed=api.changed,
        ready=api.ready,
        layers=lambda: [("seccomp", False, "switched off")],
        delays=lambda _workspace: [Delay(None, 2, 61.5)],
        watched=lambda: Watched([Seen("worker", "host:1", 0.4, 0.0)], api.degraded),
        max_body_bytes=max_body_bytes,
        blocked_external_ids=BLOCKED_EXTERNAL_IDS,
        forward_reach=forward_reach,
    )
    api.app = Starlette(routes=api_routes(deps), exception_handlers=dict(exception_handlers()))
    yield api
    engine.dispose()
