"""Provenance over HTTP: who set what, what was changed lately, and what is left when the log is not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from tests.support.api import NOW, Api, running_api
from tests.support.settlements import (
    attributes,
    event,
    item,
    make_settlement,
    purchase,
)
from transformer.api_key import ApiKey, Permission
from transformer.clock import from_text, to_text
from transformer.ids import RevisionId, SourceId, TransformationId, new_key_id
from transformer.operation import JsonObject
from transformer.settlement import Settlement
from transformer.store.api_keys import create_key
from transformer.store.engine import writing
from transformer.store.tables import deliveries
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID
from transformer.writer.apply import apply_batch

FIELDS = [{"name": "id", "type": "string"}, {"name": "price", "type": "number"}]
DAY = timedelta(days=1)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as running:
        yield running


def _apply(api: Api, *operations: JsonObject, of: JsonObject | None = None) -> Settlement:
    """Apply a delivery; of a transformation's published revision, or else of nobody known."""
    settlement = make_settlement(*operations, workspace_id=DEFAULT_WORKSPACE_ID)
    if of is not None:
        settlement = replace(
            settlement,
            source_id=SourceId(of["source_id"]),
            transformation_id=TransformationId(of["id"]),
            revision_id=RevisionId(of["published_revision_id"]),
        )
    _settle(api, settlement)
    return settlement


def _settle(api: Api, settlement: Settlement) -> None:
    with writing(api.engine) as connection:
        apply_batch(
            connection,
            workspace_id=DEFAULT_WORKSPACE_ID,
            settlements=[settlement],
            now=api.clock.now(),
        )


def _history(api: Api, **query: Any) -> Any:
    [profile] = api.get("/api/profiles", params={"external_id": "u"})["profiles"]
    return api.get(f"/api/profiles/{profile['braze_id']}/history", params=query)


def _events(api: Api) -> Any:
    [profile] = api.get("/api/profiles", params={"external_id": "u"})["profiles"]
    return api.get(f"/api/profiles/{profile['braze_id']}/events")


def test_a_value_leads_to_its_webhook_and_the_revision_that_read_it(api: Api) -> None:
    orders = api.make(name="Orders", code="return {}", publish=True)
    made = _apply(api, attributes(external_id="u", plan="pro"), of=orders)
    found = _history(api)
    assert found["set_by"] == {
        "external_id": made.delivery_id,
        "custom_attributes": {"plan": made.delivery_id},
    }
    origin = found["deliveries"][made.delivery_id]
    assert origin == {
        "delivery_id": made.delivery_id,
        "at": to_text(api.clock.now()),
        "in_log": True,
        "event_id": made.event_id,
        "accepted_at": made.accepted_at,
        "replay_of": None,
        "source": {"id": orders["source_id"], "name": "Orders"},
        "api_key": None,
        "transformation": {"id": orders["id"], "name": "Orders"},
        "revision": {"id": orders["published_revision_id"], "number": 1},
    }
    [entry] = found["history"]
    assert entry == {
        **origin,
        "changes": {
            "created": True,
            "fields": {"external_id": {"from": None, "to": "u"}},
            "custom_attributes": {"plan": {"from": None, "to": "pro"}},
        },
    }


def test_a_value_leads_to_the_key_of_an_api_call(api: Api) -> None:
    key_id = new_key_id()
    key = ApiKey(
        id=key_id,
        workspace_id=DEFAULT_WORKSPACE_ID,
        name="Warehouse",
        permissions=frozenset(Permission),
        networks=(),
        secret_hash="0" * 64,
        created_at=NOW,
        last_seen_at=None,
    )
    with writing(api.engine) as connection:
        create_key(connection, key)
    call = make_settlement(
        attributes(external_id="u", plan="pro"),
        workspace_id=DEFAULT_WORKSPACE_ID,
        transformation_id=None,
    )
    _settle(api, replace(call, source_id=SourceId(key_id), revision_id=None))
    [origin] = _history(api)["deliveries"].values()
    assert origin["api_key"] == {"id": key_id, "name": "Warehouse"}
    assert (origin["source"], origin["transformation"], origin["revision"]) == (None, None, None)


def test_the_last_change_comes_first_and_a_page_has_its_limit(api: Api) -> None:
    applied = [_apply(api, attributes(external_id="u", n=number)) for number in range(5)]
    found = _history(api, limit=3)["history"]
    assert [entry["delivery_id"] for entry in found] == [
        one.delivery_id for one in reversed(applied[2:])
    ]
    assert found[0]["changes"] == {"custom_attributes": {"n": {"from": 3, "to": 4}}}


def test_events_and_purchases_are_told_with_their_properties(api: Api) -> None:
    _apply(
        api,
        attributes(external_id="u", plan="pro"),
        event(external_id="u", name="Login", properties={"on": "phone"}),
        purchase(
            external_id="u", product_id="cup", price=2.5, quantity=2, properties={"size": "L"}
        ),
    )
    when = "2026-01-02T03:04:05.000Z"
    login = {"time": when, "name": "Login", "properties": {"on": "phone"}}
    cup = {
        "time": when,
        "product_id": "cup",
        "price": 2.5,
        "currency": "EUR",
        "quantity": 2,
        "properties": {"size": "L"},
    }
    [entry] = _history(api)["history"]
    assert (entry["changes"]["events"], entry["changes"]["purchases"]) == ([login], [cup])


def test_the_list_of_recent_events_has_those_of_the_last_30_days_the_latest_first(api: Api) -> None:
    now = api.clock.now()
    times = [now - days * DAY for days in (40, 2, 29, 1)]
    for number, time in enumerate(times):
        _apply(api, event(external_id="u", name=f"e{number}", time=to_text(time)))
    _apply(api, purchase(external_id="u", time=to_text(now - 31 * DAY)))
    bought = _apply(api, purchase(external_id="u", time=to_text(now - 3 * DAY)))
    for number in range(60):
        _apply(api, attributes(external_id="u", seen=number))
    found = _events(api)
    assert [one["name"] for one in found["events"]] == ["e3", "e1", "e2"]
    assert [one["delivery_id"] for one in found["purchases"]] == [bought.delivery_id]


def test_the_list_of_recent_events_has_a_hundred_at_most(api: Api) -> None:
    time = to_text(api.clock.now())
    for batch in range(3):
        operations = [
            event(external_id="u", name=f"e{batch}-{number}", time=time) for number in range(45)
        ]
        _apply(api, *operations)
    found = _events(api)["events"]
    assert [one["name"] for one in found] == [
        f"e{batch}-{number}" for batch in (2, 1, 0) for number in reversed(range(45))
    ][:100]


def test_of_a_delivery_that_left_the_log_the_id_and_the_time_remain(api: Api) -> None:
    first = _apply(api, attributes(external_id="u", a=1), event(external_id="u", name="x"))
    second = _apply(api, attributes(external_id="u", b=1))
    with writing(api.engine) as connection:
        connection.execute(delete(deliveries).where(deliveries.c.id == first.delivery_id))
    found = _history(api)
    assert found["set_by"]["custom_attributes"] == {"a": first.delivery_id, "b": second.delivery_id}
    gone = found["deliveries"][first.delivery_id]
    assert gone == {"delivery_id": first.delivery_id, "at": gone["at"], "in_log": False}
    made_at = from_text(gone["at"])
    assert abs(datetime.now(UTC) - made_at) < timedelta(minutes=5)
    assert found["history"][1] == {**gone, "changes": None}
    assert _events(api) == {"events": [], "purchases": []}


def test_a_profile_tells_who_set_its_values_when_it_is_asked(api: Api) -> None:
    made = _apply(api, attributes(external_id="u", first_name="Ada", plan="pro"))
    plain = api.get("/api/profiles", params={"external_id": "u", "provenance": "false"})
    assert plain.keys() == {"profiles"}
    assert "set_by" not in plain["profiles"][0]
    found = api.get("/api/profiles", params={"external_id": "u", "provenance": "true"})
    assert found["profiles"][0]["set_by"] == {
        "external_id": made.delivery_id,
        "first_name": made.delivery_id,
        "custom_attributes": {"plan": made.delivery_id},
    }
    assert found["deliveries"].keys() == {made.delivery_id}


def test_asking_for_provenance_is_no_identifier(api: Api) -> None:
    answer = api.request("GET", "/api/profiles", params={"provenance": "true"})
    assert answer.status_code == 400


def test_an_item_tells_who_set_its_fields(api: Api) -> None:
    api.post("/api/catalogs", {"name": "shop", "fields": FIELDS})
    put = _apply(api, item("put", "shop", id="mug", price=3))
    patched = _apply(api, item("patch", "shop", id="mug", price=4))
    found = api.get("/api/catalogs/shop/items/mug/history")
    assert found["set_by"] == {"price": patched.delivery_id}
    assert [(one["delivery_id"], one["changes"]) for one in found["history"]] == [
        (patched.delivery_id, {"fields": {"price": {"from": 3, "to": 4}}}),
        (put.delivery_id, {"created": True, "fields": {"price": {"from": None, "to": 3}}}),
    ]


def test_a_delivery_tells_what_it_changed(api: Api) -> None:
    made = _apply(api, attributes(external_id="u", plan="pro"))
    [record] = api.get(f"/api/deliveries/{made.delivery_id}")["changes"]
    assert record["profile_id"].startswith("prf_")
    assert record["set"]["custom_attributes"] == {"plan": {"from": None, "to": "pro"}}


@pytest.mark.parametrize(
    "path",
    [
        f"/api/profiles/prf_{'0' * 32}/history",
        f"/api/profiles/prf_{'0' * 32}/events",
        "/api/profiles/u/history",
        "/api/catalogs/shop/items/nothing/history",
        "/api/catalogs/nothing/items/mug/history",
    ],
)
def test_the_history_of_nobody_is_not_found(api: Api, path: str) -> None:
    api.post("/api/catalogs", {"name": "shop", "fields": FIELDS})
    assert api.request("GET", path).status_code == 404
