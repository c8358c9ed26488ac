"""Profiles and catalogs over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.support.api import Api, running_api
from tests.support.settlements import item, make_settlement
from transformer.store.engine import writing
from transformer.store.tables import aliases, profiles
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID
from transformer.writer.apply import apply_batch

AT = "2026-03-01T12:00:00.000Z"
FIELDS = [{"name": "id", "type": "string"}, {"name": "price", "type": "number"}]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as running:
        yield running


@pytest.fixture
def ada(api: Api) -> str:
    """A profile with every kind of identifier."""
    profile_id = "prf_" + "a" * 32
    row = {
        "id": profile_id,
        "workspace_id": DEFAULT_WORKSPACE_ID,
        "external_id": "ada+1",
        "email": "ada@example.com",
        "phone": "+33123456789",
        "document": {"fields": {"first_name": "Ada"}},
        "created_at": AT,
        "updated_at": AT,
    }
    alias = {
        "workspace_id": DEFAULT_WORKSPACE_ID,
        "alias_label": "shop",
        "alias_name": "a-1",
        "profile_id": profile_id,
    }
    with writing(api.engine) as connection:
        connection.execute(insert(profiles), row)
        connection.execute(insert(aliases), alias)
    return profile_id


@pytest.mark.parametrize(
    "query",
    [
        {"external_id": "ada+1"},
        {"email": "ada@example.com"},
        {"phone": "+33123456789"},
        {"phone": "+33 (1) 23-45-67-89"},
        {"alias_label": "shop", "alias_name": "a-1"},
    ],
)
def test_a_profile_is_found_by_each_identifier(api: Api, ada: str, query: dict[str, str]) -> None:
    (found,) = api.get("/api/profiles", params=query)["profiles"]
    assert (found["braze_id"], found["first_name"]) == (ada, "Ada")


@pytest.mark.usefixtures("ada")
def test_an_identifier_that_nobody_has_finds_nobody(api: Api) -> None:
    assert api.get("/api/profiles", params={"external_id": "bob"}) == {"profiles": []}


def test_a_search_without_an_identifier_is_refused(api: Api) -> None:
    answer = api.request("GET", "/api/profiles")
    assert answer.status_code == 400
    assert "external_id, email, phone" in answer.json()["error"]["hint"]


@pytest.mark.parametrize("half", ["alias_label", "alias_name"])
def test_half_an_alias_is_refused(api: Api, half: str) -> None:
    answer = api.request("GET", "/api/profiles", params={half: "shop", "email": "a@b.c"})
    assert answer.status_code == 400


def test_an_identifier_with_a_nul_is_refused(api: Api) -> None:
    assert api.request("GET", "/api/profiles?external_id=a%00b").status_code == 400


def test_a_catalog_is_made_and_listed(api: Api) -> None:
    made = api.post("/api/catalogs", {"name": "shop", "description": "é", "fields": FIELDS})
    assert (made["name"], made["description"], made["num_items"]) == ("shop", "é", 0)
    assert made["fields"] == FIELDS
    assert api.get("/api/catalogs")["catalogs"] == [made]


def test_a_catalog_of_the_same_name_is_a_conflict(api: Api) -> None:
    api.post("/api/catalogs", {"name": "shop", "fields": FIELDS})
    answer = api.request("POST", "/api/catalogs", json={"name": "shop", "fields": FIELDS})
    assert (answer.status_code, answer.json()["error"]["pointer"]) == (409, "/name")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "shop"}, "/fields"),
        ({"name": "a shop", "fields": FIELDS}, "/name"),
        ({"name": "shop\n", "fields": FIELDS}, "/name"),
        ({"name": "shop", "fields": []}, "/fields"),
        ({"name": "shop", "fields": FIELDS[1:]}, "/fields/0"),
        ({"name": "shop", "fields": [*FIELDS, FIELDS[1]]}, "/fields/2/name"),
        ({"name": "shop", "fields": [FIELDS[0], {"name": "x", "type": "text"}]}, "/fields/1/type"),
        ({"name": "shop", "fields": [FIELDS[0], {"name": "x"}]}, "/fields/1/type"),
    ],
)
def test_a_catalog_of_the_wrong_form_is_refused_at_its_place(
    api: Api, body: object, pointer: str
) -> None:
    answer = api.request("POST", "/api/catalogs", json=body)
    assert (answer.status_code, answer.json()["error"]["pointer"]) == (400, pointer)


def test_items_are_listed_by_id_a_page_at_a_time(api: Api) -> None:
    api.post("/api/catalogs", {"name": "shop", "fields": FIELDS})
    put = make_settlement(
        *(item("put", "shop", id=item_id, price=1.5) for item_id in ("c", "a", "b")),
        workspace_id=DEFAULT_WORKSPACE_ID,
    )
    with writing(api.engine) as connection:
        apply_batch(
            connection,
            workspace_id=DEFAULT_WORKSPACE_ID,
            settlements=[put],
            now=datetime(2026, 3, 1, tzinfo=UTC),
        )
    first = api.get("/api/catalogs/shop/items", params={"limit": 2})
    assert first["items"] == [{"id": "a", "price": 1.5}, {"id": "b", "price": 1.5}]
    query = {"limit": 2, "cursor": first["next_cursor"]}
    last = api.get("/api/catalogs/shop/items", params=query)
    assert last == {"items": [{"id": "c", "price": 1.5}], "next_cursor": None}


def test_the_items_of_a_catalog_that_is_not_there_are_not_found(api: Api) -> None:
    assert api.request("GET", "/api/catalogs/nothing/items").status_code == 404
