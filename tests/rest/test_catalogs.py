"""``/catalogs`` and ``/catalogs/{name}/fields``: one row a rule (braze.md §3.1)."""

from typing import Any

import httpx
import pytest

from tests.support.system import System

ID = {"name": "id", "type": "string"}
FIELDS = [ID, {"name": "stock", "type": "number"}]
MUGS = {"name": "mugs", "description": "All mugs", "fields": FIELDS}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Take apart the one error of an answer: its status and its id."""
    told = answer.json()
    assert told["message"] == "Invalid Request", told
    [error] = told["errors"]
    assert error.keys() == {"id", "message", "parameters", "parameter_values"}
    assert len(error["parameters"]) == len(error["parameter_values"])
    return answer.status_code, error["id"]


def make_catalog(shop: httpx.Client, **changed: Any) -> None:
    answer = shop.post("/catalogs", json={"catalogs": [MUGS | changed]})
    assert answer.status_code == 201, answer.text


def test_a_catalog_is_made_and_told_back(shop: httpx.Client) -> None:
    answer = shop.post("/catalogs", json={"catalogs": [MUGS]})
    assert answer.status_code == 201
    [made] = answer.json()["catalogs"]
    assert answer.json()["message"] == "success"
    assert made.pop("updated_at").endswith("+00:00")
    assert made == MUGS | {"num_items": 0}
    listed = shop.get("/catalogs")
    assert listed.status_code == 200
    assert [one["name"] for one in listed.json()["catalogs"]] == ["mugs"]


def test_a_catalog_may_do_without_a_description(shop: httpx.Client) -> None:
    answer = shop.post("/catalogs", json={"catalogs": [{"name": "mugs", "fields": [ID]}]})
    assert (answer.status_code, answer.json()["catalogs"][0]["description"]) == (201, "")


REFUSED: list[tuple[str, Any, str]] = [
    ("catalogs are there", {}, "catalog-array-invalid"),
    ("catalogs are an array", {"catalogs": MUGS}, "catalog-array-invalid"),
    ("there is a catalog", {"catalogs": []}, "catalog-array-invalid"),
    ("a catalog is an object", {"catalogs": ["mugs"]}, "catalog-array-invalid"),
    ("a call makes one", {"catalogs": [MUGS, MUGS | {"name": "b"}]}, "too-many-catalog-atoms"),
    (
        "a name is taken once",
        {"catalogs": [MUGS | {"name": "taken"}]},
        "catalog-name-already-exists",
    ),
    ("a name has a form", {"catalogs": [MUGS | {"name": "my mugs"}]}, "invalid-catalog-name"),
    ("a name is a text", {"catalogs": [MUGS | {"name": 7}]}, "invalid-catalog-name"),
    ("a name is bounded", {"catalogs": [MUGS | {"name": "n" * 251}]}, "catalog-name-too-large"),
    ("a description is", {"catalogs": [MUGS | {"description": "d" * 251}]}, "description-too-long"),
    ("fields are an array", {"catalogs": [MUGS | {"fields": "id"}]}, "invalid-fields"),
    ("fields are there", {"catalogs": [{"name": "mugs"}]}, "invalid-fields"),
    ("id comes first", {"catalogs": [MUGS | {"fields": FIELDS[1:]}]}, "id-not-first-column"),
    (
        "types are known",
        {"catalogs": [MUGS | {"fields": [ID, ID | {"name": "f", "type": "date"}]}]},
        "invalid-field-types",
    ),
    (
        "names of fields have a form",
        {"catalogs": [MUGS | {"fields": [ID, ID | {"name": "a.b"}]}]},
        "invalid-field-names",
    ),
    (
        "names of fields are bounded",
        {"catalogs": [MUGS | {"fields": [ID, ID | {"name": "n" * 251}]}]},
        "field-names-too-large",
    ),
    (
        "names of fields differ",
        {"catalogs": [MUGS | {"fields": [*FIELDS, FIELDS[1]]}]},
        "field-names-not-unique",
    ),
    (
        "there are up to 500",
        {"catalogs": [MUGS | {"fields": [ID, *(ID | {"name": f"f{n}"} for n in range(500))]}]},
        "too-many-fields",
    ),
]


def test_a_catalog_that_breaks_a_rule_is_refused_by_its_id(shop: httpx.Client) -> None:
    make_catalog(shop, name="taken")
    found = {rule: refusal(shop.post("/catalogs", json=body)) for rule, body, _ in REFUSED}
    assert found == {rule: (400, expected) for rule, _, expected in REFUSED}
    assert [one["name"] for one in shop.get("/catalogs").json()["catalogs"]] == ["taken"]


def test_an_error_is_told_as_documented(shop: httpx.Client) -> None:
    make_catalog(shop)
    assert shop.post("/catalogs", json={"catalogs": [MUGS]}).json() == {
        "errors": [
            {
                "id": "catalog-name-already-exists",
                "message": "A catalog with that name already exists",
                "parameters": ["name"],
                "parameter_values": ["mugs"],
            }
        ],
        "message": "Invalid Request",
    }
    assert shop.delete("/catalogs/cups").json() == {
        "errors": [
            {
                "id": "catalog-not-found",
                "message": "Could not find catalog",
                "parameters": ["catalog_name"],
                "parameter_values": ["cups"],
            }
        ],
        "message": "Invalid Request",
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", ""),
        ("POST", "/fields"),
        ("DELETE", "/fields/stock"),
        ("GET", "/items"),
        ("POST", "/items"),
        ("PUT", "/items"),
        ("PATCH", "/items"),
        ("DELETE", "/items"),
        ("GET", "/items/m1"),
        ("POST", "/items/m1"),
        ("PUT", "/items/m1"),
        ("PATCH", "/items/m1"),
        ("DELETE", "/items/m1"),
        ("GET", "/selections"),
        ("POST", "/selections"),
        ("GET", "/selections/some"),
        ("DELETE", "/selections/some"),
    ],
)
def test_no_call_finds_a_catalog_that_is_not_there(
    shop: httpx.Client, method: str, path: str
) -> None:
    body: Any = None if method == "GET" else {"items": [{}], "fields": [], "selection": {}}
    answer = shop.request(method, f"/catalogs/none{path}", json=body)
    assert refusal(answer) == (404, "catalog-not-found")


def test_a_deleted_catalog_is_gone_with_its_items(shop: httpx.Client) -> None:
    make_catalog(shop)
    assert shop.put("/catalogs/mugs/items/m1", json={"items": [{"stock": 1}]}).status_code == 200
    answer = shop.delete("/catalogs/mugs")
    assert (answer.status_code, answer.json()) == (200, {"message": "success"})
    assert shop.get("/catalogs").json()["catalogs"] == []
    make_catalog(shop)
    assert shop.get("/catalogs/mugs/items").json()["items"] == []


def test_fields_are_added_and_removed(shop: httpx.Client) -> None:
    make_catalog(shop)
    shop.put("/catalogs/mugs/items/m1", json={"items": [{"stock": 1}]})
    added = [{"name": "colour", "type": "string"}, {"name": "place", "type": "geo"}]
    answer = shop.post("/catalogs/mugs/fields", json={"fields": added})
    assert (answer.status_code, answer.json()) == (202, {"message": "success"})
    place = {"items": [{"colour": "red", "place": [2.35, 48.85]}]}
    assert shop.patch("/catalogs/mugs/items/m1", json=place).status_code == 200
    answer = shop.delete("/catalogs/mugs/fields/stock")
    assert (answer.status_code, answer.json()) == (202, {"message": "success"})
    assert shop.get("/catalogs").json()["catalogs"][0]["fields"] == [ID, *added]
    assert shop.get("/catalogs/mugs/items/m1").json()["items"] == [
        {"id": "m1", "colour": "red", "place": [2.35, 48.85]}
    ]


FIELDS_REFUSED: list[tuple[str, Any, str]] = [
    ("fields are there", {}, "invalid-fields"),
    ("fields are an array", {"fields": ID}, "invalid-fields"),
    ("there is a field", {"fields": []}, "invalid-fields"),
    (
        "51 at once are too many",
        {"fields": [ID | {"name": f"f{n}"} for n in range(51)]},
        "request-includes-too-many-fields",
    ),
    ("a field is new", {"fields": [FIELDS[1]]}, "field-names-not-unique"),
    ("types are known", {"fields": [ID | {"name": "f", "type": "int"}]}, "invalid-field-types"),
    ("names have a form", {"fields": [ID | {"name": "a b"}]}, "invalid-field-names"),
    ("names are bounded", {"fields": [ID | {"name": "n" * 251}]}, "field-names-too-large"),
]


def test_fields_that_break_a_rule_are_refused_by_its_id(shop: httpx.Client) -> None:
    make_catalog(shop)
    path = "/catalogs/mugs/fields"
    found = {rule: refusal(shop.post(path, json=body)) for rule, body, _ in FIELDS_REFUSED}
    assert found == {rule: (400, expected) for rule, _, expected in FIELDS_REFUSED}
    assert shop.get("/catalogs").json()["catalogs"][0]["fields"] == FIELDS


def test_a_catalog_has_up_to_500_fields(shop: httpx.Client) -> None:
    make_catalog(shop, fields=[ID, *(ID | {"name": f"f{n}"} for n in range(498))])
    path = "/catalogs/mugs/fields"
    assert shop.post(path, json={"fields": [ID | {"name": "last"}]}).status_code == 202
    over = shop.post(path, json={"fields": [ID | {"name": "more"}]})
    assert refusal(over) == (400, "catalog-exceeds-fields-limit")


@pytest.mark.parametrize("field", ["id", "colour"])
def test_a_field_that_cannot_be_removed_is_not_found(shop: httpx.Client, field: str) -> None:
    make_catalog(shop)
    answer = shop.delete(f"/catalogs/mugs/fields/{field}")
    assert refusal(answer) == (404, "invalid-field-name")


def test_the_console_shows_the_catalogs_that_are_made_here(
    system: System, client: httpx.Client
) -> None:
    make_catalog(client, name="console-mugs")
    listed = system.call("GET", "/api/catalogs")["catalogs"]
    assert "console-mugs" in {one["name"] for one in listed}
