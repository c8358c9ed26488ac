"""``/catalogs/{name}/items``: many items and one, one row a rule (braze.md §3.2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.rest.test_catalogs import make_catalog, refusal
from tests.support.rest import make_key, rest_client
from tests.support.system import System
from tests.support.waiting import wait_until

FIELDS = [
    {"name": "id", "type": "string"},
    {"name": "name", "type": "string"},
    {"name": "stock", "type": "number"},
    {"name": "size", "type": "object"},
    {"name": "tags", "type": "array"},
]
MANY = "/catalogs/mugs/items"
ONE = "/catalogs/mugs/items/m1"


@pytest.fixture
def mugs(shop: httpx.Client) -> httpx.Client:
    """A caller whose workspace has a catalog of mugs."""
    make_catalog(shop, fields=FIELDS)
    return shop


def _items(mugs: httpx.Client) -> list[dict[str, Any]]:
    answer = mugs.get(MANY)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def _wait_for(mugs: httpx.Client, *items: dict[str, Any]) -> None:
    wait_until("the items are as expected", lambda: _items(mugs) == list(items))


def _send(mugs: httpx.Client, method: str, path: str, *items: Any) -> httpx.Response:
    return mugs.request(method, path, json={"items": list(items)})


def test_many_items_are_created_replaced_changed_and_deleted(mugs: httpx.Client) -> None:
    made = [
        {"id": "m1", "name": "Blue", "stock": "7", "tags": ["a"]},
        {"id": "m2", "name": "Red"},
        {"id": "m3"},
    ]
    answers = [
        _send(mugs, "POST", MANY, *made),
        _send(mugs, "PUT", MANY, {"id": "m2", "stock": 2}, {"id": "m4", "name": "New"}),
        _send(mugs, "PATCH", MANY, {"id": "m1", "name": None, "tags": {"$add": ["b"]}}),
        _send(mugs, "DELETE", MANY, {"id": "m3"}),
    ]
    assert [(one.status_code, one.json()) for one in answers] == [(202, {"message": "success"})] * 4
    _wait_for(
        mugs,
        {"id": "m1", "stock": 7, "tags": ["a", "b"]},
        {"id": "m2", "stock": 2},
        {"id": "m4", "name": "New"},
    )
    [catalog] = mugs.get("/catalogs").json()["catalogs"]
    assert catalog["num_items"] == 3


def test_one_item_is_created_replaced_changed_and_deleted(mugs: httpx.Client) -> None:
    told: list[Any] = []
    for method, described in (
        ("POST", {"name": "Blue", "stock": 1, "tags": ["a"]}),
        ("PATCH", {"stock": 2, "tags": {"$add": ["b"], "$remove": ["a"]}}),
        ("PUT", {"name": "Red"}),
    ):
        answer = _send(mugs, method, ONE, described)
        assert answer.json() == {"message": "success"}, answer.text
        shown = mugs.get(ONE)
        assert shown.json()["message"] == "success"
        told.append((answer.status_code, *shown.json()["items"]))
    answer = mugs.delete(ONE)
    assert (answer.status_code, answer.json()) == (202, {"message": "success"})
    assert refusal(mugs.get(ONE)) == (404, "item-not-found")
    assert told == [
        (201, {"id": "m1", "name": "Blue", "stock": 1, "tags": ["a"]}),
        (200, {"id": "m1", "name": "Blue", "stock": 2, "tags": ["b"]}),
        (200, {"id": "m1", "name": "Red"}),
    ]


MANY_REFUSED: list[tuple[str, Any, str]] = [
    ("items are there", {}, "item-array-invalid"),
    ("items are an array", {"items": {"id": "m"}}, "item-array-invalid"),
    ("there is an item", {"items": []}, "item-array-invalid"),
    ("an item is an object", {"items": [{"id": "m"}, "m2"]}, "item-array-invalid"),
    (
        "51 are too many",
        {"items": [{"id": f"m{n}"} for n in range(51)]},
        "request-includes-too-many-items",
    ),
    ("an item has an id", {"items": [{"id": "m"}, {"name": "x"}]}, "items-missing-ids"),
    ("an id is a string", {"items": [{"id": 7}]}, "ids-not-strings"),
    ("an id is bounded", {"items": [{"id": "i" * 251}]}, "ids-too-large"),
    ("an id has a form", {"items": [{"id": "a b"}]}, "invalid-ids"),
    ("an id is given once", {"items": [{"id": "m"}, {"id": "n"}, {"id": "m"}]}, "ids-not-unique"),
]
VALUES_REFUSED: list[tuple[str, Any, str]] = [
    ("a field exists", {"colour": "red"}, "invalid-fields"),
    ("a value has its type", {"stock": "many"}, "unable-to-coerce-value"),
    ("a value is bounded", {"name": "x" * 5_001}, "items-too-large"),
    ("a key holds no dot", {"size": {"a.b": 1}}, "invalid-keys-in-value-object"),
]


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_many_items_that_break_a_rule_are_refused_by_its_id(
    mugs: httpx.Client, method: str
) -> None:
    rows = list(MANY_REFUSED)
    if method != "DELETE":
        rows += [
            (rule, {"items": [{"id": "good"}, {"id": "bad", **values}]}, expected)
            for rule, values, expected in VALUES_REFUSED
        ]
        rows += [
            (
                f"{levels} levels are too deep",
                {"items": [{"id": "bad", "tags": _deep(levels)}]},
                "too-deep-nesting-in-value-object",
            )
            for levels in (51, 100)
        ]
    found = {rule: refusal(mugs.request(method, MANY, json=body)) for rule, body, _ in rows}
    assert found == {rule: (400, expected) for rule, _, expected in rows}
    assert _items(mugs) == []


def test_a_value_may_be_50_levels_deep(mugs: httpx.Client) -> None:
    assert _send(mugs, "PUT", ONE, {"tags": _deep(50)}).status_code == 200
    assert _items(mugs) == [{"id": "m1", "tags": _deep(50)}]


def test_a_request_with_one_wrong_item_changes_nothing(mugs: httpx.Client) -> None:
    answer = _send(mugs, "PUT", MANY, {"id": "m1", "stock": 1}, {"id": "m2", "colour": "red"})
    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [
            {
                "id": "invalid-fields",
                "message": "Some of the fields given do not exist in the catalog",
                "parameters": ["id"],
                "parameter_values": ["m2"],
            }
        ],
        "message": "Invalid Request",
    }
    # What is held after it is applied after it: the first would be there by then.
    _send(mugs, "PUT", MANY, {"id": "m3"})
    _wait_for(mugs, {"id": "m3"})


def test_each_wrong_item_is_told_of(mugs: httpx.Client) -> None:
    answer = _send(mugs, "PUT", MANY, {"id": "a b"}, {"id": "m1"}, {"id": "m2", "stock": "x"})
    told = [(error["id"], error["parameter_values"]) for error in answer.json()["errors"]]
    assert told == [("invalid-ids", ["a b"]), ("unable-to-coerce-value", ["m2"])]


def test_items_without_ids_are_counted(mugs: httpx.Client) -> None:
    answer = _send(mugs, "DELETE", MANY, {"id": "m1"}, {}, {"name": "x"})
    assert answer.json()["errors"] == [
        {
            "id": "items-missing-ids",
            "message": "There are 2 item(s) that do not have ids",
            "parameters": [],
            "parameter_values": [],
        }
    ]


def test_many_items_that_are_there_or_not_are_told_of_in_the_log(
    mugs: httpx.Client, system: System
) -> None:
    _send(mugs, "PUT", MANY, {"id": "m1", "stock": 1})
    _send(mugs, "POST", MANY, {"id": "m1", "stock": 2}, {"id": "m2", "stock": 2})
    _send(mugs, "PATCH", MANY, {"id": "m3", "stock": 3})
    _send(mugs, "DELETE", MANY, {"id": "m3"}, {"id": "m2"})
    _wait_for(mugs, {"id": "m1", "stock": 1})
    ((workspace_id,),) = system.rows(
        "select workspace_id from catalogs where name = 'mugs' order by created_at desc limit 1"
    )
    logged = system.rows(
        "select state, report ->> '$.errors[0].code' from deliveries"
        " where workspace_id = ? order by id",
        workspace_id,
    )
    assert logged == [
        ("applied", None),
        ("applied", "item_already_exists"),
        ("failed", "item_not_found"),
        ("applied", "item_not_found"),
    ]


ONE_REFUSED: list[tuple[str, Any, str]] = [
    ("items are an array", {"items": {"stock": 1}}, "item-array-invalid"),
    ("there is an item", {"items": []}, "item-array-invalid"),
    ("an item is an object", {"items": ["m1"]}, "item-array-invalid"),
    ("there is one", {"items": [{}, {}]}, "request-includes-too-many-items"),
    ("its id is not in the body", {"items": [{"id": "m1"}]}, "id-in-body"),
    *((rule, {"items": [values]}, expected) for rule, values, expected in VALUES_REFUSED),
]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_one_item_that_breaks_a_rule_is_refused_by_its_id(mugs: httpx.Client, method: str) -> None:
    found = {rule: refusal(mugs.request(method, ONE, json=body)) for rule, body, _ in ONE_REFUSED}
    assert found == {rule: (400, expected) for rule, _, expected in ONE_REFUSED}
    ids = {
        "a%20b": "invalid-ids",
        "i" * 251: "ids-too-large",
    }
    for item_id, expected in ids.items():
        answer = _send(mugs, method, f"{MANY}/{item_id}", {"stock": 1})
        assert refusal(answer) == (400, expected)
    assert _items(mugs) == []


def test_one_item_that_is_there_is_not_created(mugs: httpx.Client) -> None:
    _send(mugs, "POST", ONE, {"stock": 1})
    assert refusal(_send(mugs, "POST", ONE, {"stock": 2})) == (400, "item-already-exists")
    assert _items(mugs) == [{"id": "m1", "stock": 1}]


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "GET"])
@pytest.mark.parametrize("item_id", ["m1", "a%20b", "i" * 251])
def test_one_item_that_is_not_there_is_not_found(
    mugs: httpx.Client, method: str, item_id: str
) -> None:
    body = {"items": [{"stock": 1}]} if method == "PATCH" else None
    answer = mugs.request(method, f"{MANY}/{item_id}", json=body)
    if method == "PATCH" and item_id != "m1":
        assert answer.status_code == 400
        return
    assert refusal(answer) == (404, "item-not-found")
    [error] = answer.json()["errors"]
    assert (error["message"], error["parameters"]) == ("Could not find item", ["item_id"])


def test_an_array_that_grows_too_large_is_refused(mugs: httpx.Client) -> None:
    _send(mugs, "POST", ONE, {"tags": ["x" * 4_990]})
    answer = _send(mugs, "PATCH", ONE, {"tags": {"$add": ["y" * 20]}})
    assert refusal(answer) == (400, "items-too-large")


def _linked(answer: httpx.Response, relation: str) -> str:
    return str(answer.links.get(relation, {}).get("url", ""))


def _relations(answer: httpx.Response) -> list[str]:
    return sorted(str(relation) for relation in answer.links)


def test_items_are_listed_50_at_a_time_and_the_header_leads_both_ways(mugs: httpx.Client) -> None:
    ids = [f"m{number:03}" for number in range(120)]
    for start in range(0, 120, 50):
        _send(mugs, "PUT", MANY, *({"id": one} for one in ids[start : start + 50]))
    wait_until("all are there", lambda: mugs.get(f"{MANY}/m119").status_code == 200)
    pages, links = [], []
    path = MANY
    while path:
        answer = mugs.get(path)
        pages.append([item["id"] for item in answer.json()["items"]])
        links.append(_relations(answer))
        path = _linked(answer, "next")
    assert pages == [ids[:50], ids[50:100], ids[100:]]
    assert links == [["next"], ["next", "prev"], ["prev"]]
    # And back; the first page is as it was.
    back = mugs.get(_linked(answer, "prev"))
    assert [item["id"] for item in back.json()["items"]] == ids[50:100]
    first = mugs.get(_linked(back, "prev"))
    assert [item["id"] for item in first.json()["items"]] == ids[:50]
    assert _relations(first) == ["next"]
    assert mugs.get(MANY).headers["link"].startswith("</catalogs/mugs/items?cursor=")


def test_a_list_of_up_to_50_has_no_header(mugs: httpx.Client) -> None:
    _send(mugs, "PUT", MANY, *({"id": f"m{number}"} for number in range(50)))
    wait_until("all are there", lambda: len(_items(mugs)) == 50)
    assert "link" not in mugs.get(MANY).headers


@pytest.mark.parametrize("cursor", ["bad-cursor", "", "c2tpcDow", "YWZ0ZXI6", "é", "a", "===="])
def test_a_cursor_that_we_did_not_write_is_refused(mugs: httpx.Client, cursor: str) -> None:
    answer = mugs.get(MANY, params={"cursor": cursor})
    assert refusal(answer) == (400, "invalid-cursor")
    [error] = answer.json()["errors"]
    assert (error["message"], error["parameter_values"]) == ("'cursor' is not valid", [cursor])


@contextmanager
def _permitted(system: System, *permissions: str) -> Iterator[httpx.Client]:
    with rest_client(system, make_key(system, permissions)["key"]) as opened:
        yield opened


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("POST", "/catalogs", "catalogs.create"),
        ("GET", "/catalogs", "catalogs.get"),
        ("DELETE", "/catalogs/p", "catalogs.delete"),
        ("POST", "/catalogs/p/fields", "catalogs.create_fields"),
        ("DELETE", "/catalogs/p/fields/f", "catalogs.delete_fields"),
        ("POST", "/catalogs/p/items", "catalogs.add_items"),
        ("PUT", "/catalogs/p/items", "catalogs.replace_items"),
        ("PATCH", "/catalogs/p/items", "catalogs.update_items"),
        ("DELETE", "/catalogs/p/items", "catalogs.delete_items"),
        ("GET", "/catalogs/p/items", "catalogs.get_items"),
        ("POST", "/catalogs/p/items/i", "catalogs.create_item"),
        ("PUT", "/catalogs/p/items/i", "catalogs.replace_item"),
        ("PATCH", "/catalogs/p/items/i", "catalogs.update_item"),
        ("DELETE", "/catalogs/p/items/i", "catalogs.delete_item"),
        ("GET", "/catalogs/p/items/i", "catalogs.get_item"),
        ("POST", "/catalogs/p/selections", "catalogs.create_selection"),
        ("DELETE", "/catalogs/p/selections/s", "catalogs.delete_selection"),
    ],
)
def test_a_call_needs_its_permission(
    system: System, method: str, path: str, permission: str
) -> None:
    body: dict[str, Any] | None = None if method == "GET" else {}
    with _permitted(system, permission) as allowed:
        assert allowed.request(method, path, json=body).status_code != 403
    others = "catalogs.get_item" if permission != "catalogs.get_item" else "catalogs.get_items"
    with _permitted(system, others) as forbidden:
        assert forbidden.request(method, path, json=body).status_code == 403


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/catalogs", 50), (MANY, 50), (ONE, 50), ("/catalogs/mugs/selections", 50)],
)
def test_reading_has_the_rate_of_its_group(mugs: httpx.Client, path: str, limit: int) -> None:
    assert mugs.get(path).headers["x-ratelimit-limit"] == str(limit)


def test_changing_many_items_has_the_rate_of_its_group(mugs: httpx.Client) -> None:
    assert _send(mugs, "PUT", MANY, {"id": "m1"}).headers["x-ratelimit-limit"] == "16000"
