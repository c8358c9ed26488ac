"""A call that changes items is held before it is answered, and looked at again when it is applied."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from tests.support.rest import rest_app
from transformer.operation import JsonObject
from transformer.queue.keys import outcomes_stream
from transformer.settlement import Settlement, from_fields
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import open_engine, reading, writing
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID
from transformer.writer.apply import apply_batch

ITEMS = "/catalogs/mugs/items"
FIELDS = [{"name": "id", "type": "string"}, {"name": "stock", "type": "number"}]
Call = tuple[str, str, Any]
MAKE: Call = ("POST", "/catalogs", {"catalogs": [{"name": "mugs", "fields": FIELDS}]})


def _call(folder: Path, redis_url: str, *calls: Call) -> list[httpx.Response]:
    async def call() -> list[httpx.Response]:
        async with rest_app(folder, redis_url) as client:
            return [await client.request(method, path, json=body) for method, path, body in calls]

    return asyncio.run(call())


def _held(connection: redis.Redis) -> list[Settlement]:
    entries: Any = connection.xrange(outcomes_stream(DEFAULT_WORKSPACE_ID))
    fields = [part for _, held in entries for pair in held.items() for part in pair]
    return list(from_fields(fields))


def _applied(folder: Path, held: list[Settlement]) -> JsonObject:
    """Apply what is held, as the writer would, and give the last delivery as the log shows it."""
    engine = open_engine(f"sqlite:///{folder / 'rest.db'}")
    with writing(engine) as connection:
        apply_batch(
            connection,
            workspace_id=DEFAULT_WORKSPACE_ID,
            settlements=held,
            now=datetime(2026, 3, 1, tzinfo=UTC),
        )
    with reading(engine) as connection:
        log = list_deliveries(connection, workspace_id=DEFAULT_WORKSPACE_ID, limit=9)
    engine.dispose()
    [row] = [row for row in log if row["id"] == held[-1].delivery_id]
    return row


def test_many_items_are_held_as_one_delivery(
    tmp_path: Path, redis_url: str, redis_connection: redis.Redis
) -> None:
    items = [{"id": "m1", "stock": "7"}, {"id": "m2"}]
    *_, answer = _call(tmp_path, redis_url, MAKE, ("PUT", ITEMS, {"items": items}))
    assert answer.status_code == 202
    [settlement] = _held(redis_connection)
    assert settlement.source_id.startswith("key_")
    assert settlement.output == {"items": items}
    asked = [(one.kind, one.path, one.catalog_name) for one in settlement.operations]
    assert asked == [
        ("catalog.put", ("items", 0), "mugs"),
        ("catalog.put", ("items", 1), "mugs"),
    ]


def test_one_item_is_held_with_its_id_and_with_the_body_as_it_came(
    tmp_path: Path, redis_url: str, redis_connection: redis.Redis
) -> None:
    call: Call = ("POST", f"{ITEMS}/m1", {"items": [{"stock": 7}]})
    *_, answer = _call(tmp_path, redis_url, MAKE, call)
    # There is no writer here.
    assert answer.status_code == 503
    [settlement] = _held(redis_connection)
    assert settlement.output == {"items": [{"id": "m1", "stock": 7}]}
    assert settlement.body == b'{"items":[{"stock":7}]}'
    [operation] = settlement.operations
    assert operation.object == {"id": "m1", "stock": 7}


CHANGED_SINCE: list[tuple[str, list[Call], str]] = [
    ("the catalog is deleted", [("DELETE", "/catalogs/mugs", None)], "catalog_not_found"),
    ("the field is removed", [("DELETE", "/catalogs/mugs/fields/stock", None)], "invalid_fields"),
    (
        "the field has another type",
        [
            ("DELETE", "/catalogs/mugs/fields/stock", None),
            ("POST", "/catalogs/mugs/fields", {"fields": [{"name": "stock", "type": "object"}]}),
        ],
        "unable_to_coerce_value",
    ),
]


@pytest.mark.parametrize(
    ("changes", "code"), [pytest.param(*row, id=rule) for rule, *row in CHANGED_SINCE]
)
def test_items_that_fit_no_more_when_they_are_applied_are_a_dead_letter(
    tmp_path: Path,
    redis_url: str,
    redis_connection: redis.Redis,
    changes: list[Call],
    code: str,
) -> None:
    put: Call = ("PUT", ITEMS, {"items": [{"id": "m1"}, {"id": "m2", "stock": 7}]})
    _, held, *done = _call(tmp_path, redis_url, MAKE, put, *changes)
    assert held.status_code == 202
    assert all(answer.is_success for answer in done)
    delivery = _applied(tmp_path, _held(redis_connection))
    assert (delivery["outcome"], [error["code"] for error in delivery["errors"]]) == (
        "failed",
        [code],
    )
