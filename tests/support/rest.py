"""The REST API for tests: keys, and clients that use them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from prometheus_client import CollectorRegistry

from tests.support.system import System
from transformer.api_key import ApiKey, Permission, hash_of, key_text, new_secret
from transformer.clock import SystemClock
from transformer.ids import new_key_id
from transformer.ingest.accept import Acceptor
from transformer.ingest.routes import Routes
from transformer.queue.appends import Appender
from transformer.queue.connection import open_append_pool, open_redis
from transformer.queue.jobs import Jobs
from transformer.queue.replies import ReplyList
from transformer.queue.windows import Windows
from transformer.rest.admission import Admission
from transformer.rest.app import RestApp, RestParts, rest_routes
from transformer.rest.keys import Keys
from transformer.rest.metrics import RestMetrics
from transformer.rest.submission import Submissions
from transformer.stops import Stops
from transformer.store.api_keys import create_key
from transformer.store.engine import open_engine, writing
from transformer.store.migrate import migrate
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID, ensure_default_workspace

EVERYTHING = [permission.value for permission in Permission]


def make_key(
    system: System,
    permissions: Sequence[str] = EVERYTHING,
    *,
    allowed_ips: Sequence[str] = (),
    name: str = "test",
    workspace_id: str = "",
) -> dict[str, Any]:
    """Make an API key; its text is under ``key``."""
    made: dict[str, Any] = system.call(
        "POST",
        "/api/keys",
        params={"workspace": workspace_id} if workspace_id else {},
        json={"name": name, "permissions": list(permissions), "allowed_ips": list(allowed_ips)},
    )
    return made


def rest_client(system: System, key: str) -> httpx.Client:
    """Make a client that sends a key; the caller closes it."""
    return httpx.Client(
        base_url=system.instance.url,
        headers={"authorization": f"Bearer {key}"} if key else {},
        timeout=30,
    )


@asynccontextmanager
async def rest_app(
    folder: Path,
    redis_url: str,
    *,
    rate_percent: int = 100,
    backlog_limit: int = 0,
    wait_s: float = 0.1,
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the REST API in this process, on a real Redis and a real database, with no writer.

    The client sends a key that may do everything.
    """
    url = f"sqlite:///{folder / 'rest.db'}"
    migrate(url)
    engine, clock, connection = open_engine(url), SystemClock(), open_redis(redis_url)
    secret = new_secret()
    key = ApiKey(
        id=new_key_id(),
        workspace_id=DEFAULT_WORKSPACE_ID,
        name="test",
        permissions=frozenset(Permission),
        networks=(),
        secret_hash=hash_of(secret),
        created_at=clock.now(),
    )
    with writing(engine) as store:
        ensure_default_workspace(store, now=clock.now())
        create_key(store, key)
    acceptor = Acceptor(
        appender=Appender(open_append_pool(redis_url)),
        jobs=Jobs(connection),
        routes=Routes(engine, read_version=lambda: "", clock=clock),
        clock=clock,
        stops=Stops("", role="web"),
    )
    app = RestApp(
        RestParts(
            engine=engine,
            clock=clock,
            admission=Admission(
                Keys(engine, clock=clock, backlog_limit=backlog_limit),
                Windows(open_append_pool(redis_url)),
                rate_percent=rate_percent,
            ),
            submissions=Submissions(
                acceptor,
                clock=clock,
                replies=ReplyList(open_append_pool(redis_url)),
                wait_s=wait_s,
            ),
            metrics=RestMetrics(CollectorRegistry()),
            blocked_external_ids=frozenset(),
        ),
        rest_routes(),
    )
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://rest.test",
            headers={"authorization": f"Bearer {key_text(key.id, secret)}"},
        ) as client:
            yield client
    finally:
        await app.close()
        await acceptor.close()
        connection.close()
        engine.dispose()
