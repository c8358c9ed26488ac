"""A call is answered when what it asks for is held: what it is told where it cannot be, or not yet."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import redis

from tests.support.rest import rest_app
from transformer.queue.keys import outcomes_stream
from transformer.settlement import from_fields
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID

VALID = {"attributes": [{"external_id": "held"}]}
STREAM = outcomes_stream(DEFAULT_WORKSPACE_ID)


def _post(folder: Path, redis_url: str, *paths: str, **given: Any) -> list[httpx.Response]:
    async def post() -> list[httpx.Response]:
        async with rest_app(folder, redis_url, **given) as client:
            return [await client.post(path, json=VALID) for path in paths]

    return asyncio.run(post())


def test_a_call_is_held_before_it_is_answered(
    tmp_path: Path, redis_url: str, redis_connection: redis.Redis
) -> None:
    [answer] = _post(tmp_path, redis_url, "/users/track")
    assert answer.status_code == 201
    entries: Any = redis_connection.xrange(STREAM)
    [(_id, fields)] = entries
    [settlement] = from_fields([part for pair in fields.items() for part in pair])
    assert settlement.source_id.startswith("key_")
    assert settlement.body == b'{"attributes":[{"external_id":"held"}]}'
    assert [operation.path for operation in settlement.operations] == [("attributes", 0)]


def test_who_waits_in_vain_is_told_that_nothing_is_lost(
    tmp_path: Path, redis_url: str, redis_connection: redis.Redis
) -> None:
    # There is no writer here.
    [answer] = _post(tmp_path, redis_url, "/users/track/sync")
    assert answer.status_code == 503
    assert "queued and nothing is lost" in answer.json()["message"]
    assert "retry-after" not in answer.headers
    assert redis_connection.xlen(STREAM) == 1


def test_calls_are_refused_where_too_many_wait(
    tmp_path: Path, redis_url: str, redis_connection: redis.Redis
) -> None:
    answers = _post(tmp_path, redis_url, *["/users/track"] * 4, backlog_limit=2)
    assert [answer.status_code for answer in answers] == [201, 201, 429, 429]
    assert answers[-1].headers["x-ratelimit-retry-after"] == "30"
    assert redis_connection.xlen(STREAM) == 2


def test_a_bulk_call_is_put_off_while_others_wait(
    tmp_path: Path, redis_url: str, redis_connection: redis.Redis
) -> None:
    for _ in range(1_536):
        redis_connection.xadd(STREAM, {"s": ""})
    bulk, other = _post(tmp_path, redis_url, "/users/track/bulk", "/users/track")
    assert (bulk.status_code, other.status_code) == (429, 201)


def test_without_redis_nothing_is_answered_201(tmp_path: Path) -> None:
    [answer] = _post(tmp_path, f"unix://{tmp_path}/nobody", "/users/track")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.json().keys() == {"message"}
