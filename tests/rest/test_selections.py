"""``/catalogs/{name}/selections``: one row a rule (braze.md §3.3)."""

from typing import Any

import httpx
import pytest

from tests.rest.test_catalogs import make_catalog, refusal
from tests.support.waiting import wait_until

PATH = "/catalogs/mugs/selections"
FIELDS = [
    {"name": "id", "type": "string"},
    {"name": "name", "type": "string"},
    {"name": "stock", "type": "number"},
    {"name": "tags", "type": "array"},
    {"name": "rooms", "type": "array"},
]
LOW: dict[str, Any] = {
    "name": "low",
    "description": "Nearly sold out",
    "filters": [{"field": "stock", "operator": "less than", "value": 3}],
    "results_limit": 2,
    "sort_field": "stock",
    "sort_order": "asc",
}
BLUE = {"field": "name", "operator": "equals", "value": "Blue"}


@pytest.fixture
def mugs(shop: httpx.Client) -> httpx.Client:
    make_catalog(shop, fields=FIELDS)
    return shop


def _create(mugs: httpx.Client, selection: Any) -> httpx.Response:
    return mugs.post(PATH, json={"selection": selection})


def test_a_selection_is_made_evaluated_and_removed(mugs: httpx.Client) -> None:
    made = _create(mugs, LOW)
    assert (made.status_code, made.json()) == (202, {"message": "success"})
    stocks = [{"id": f"m{stock}", "stock": stock} for stock in range(5)]
    mugs.put("/catalogs/mugs/items", json={"items": stocks})
    wait_until("they are there", lambda: mugs.get(f"{PATH}/low").json()["items"] == stocks[:2])
    assert mugs.get(PATH).json() == {"selections": [LOW], "message": "success"}
    removed = mugs.delete(f"{PATH}/low")
    assert (removed.status_code, removed.json()) == (202, {"message": "success"})
    assert refusal(mugs.get(f"{PATH}/low")) == (404, "invalid-selection")
    assert refusal(mugs.delete(f"{PATH}/low")) == (404, "invalid-selection")


REFUSED: list[tuple[str, Any, str]] = [
    ("a selection is an object", ["low"], "invalid-selection"),
    ("a selection is there", None, "invalid-selection"),
    ("a selection has a name", {}, "invalid-selection"),
    ("its name is taken once", LOW | {"name": "taken"}, "selection-name-already-exists"),
    ("11 filters are too many", LOW | {"filters": [BLUE] * 11}, "too-many-filters"),
    (
        "a filter's operator is its type's",
        LOW | {"filters": [BLUE | {"operator": "less than"}]},
        "selection-has-invalid-filter",
    ),
    (
        "one array is filtered by",
        LOW
        | {
            "filters": [
                {"field": name, "operator": "includes value", "value": 1}
                for name in ("tags", "rooms")
            ]
        },
        "selection-contains-too-many-arrays",
    ),
    ("51 results are too many", LOW | {"results_limit": 51}, "selection-invalid-results-limit"),
    ("an order has a field", LOW | {"sort_field": None}, "invalid-sorting"),
    ("a field of the catalog", LOW | {"sort_field": "price"}, "invalid-sort-field"),
    ("and is up or down", LOW | {"sort_order": "up"}, "invalid-sort-order"),
]


def test_a_selection_that_breaks_a_rule_is_refused_by_its_id(mugs: httpx.Client) -> None:
    _create(mugs, LOW | {"name": "taken"})
    found = {rule: refusal(_create(mugs, selection)) for rule, selection, _ in REFUSED}
    assert found == {rule: (400, expected) for rule, _, expected in REFUSED}
    assert [one["name"] for one in mugs.get(PATH).json()["selections"]] == ["taken"]


def test_a_catalog_has_up_to_30_selections(mugs: httpx.Client) -> None:
    for number in range(30):
        assert _create(mugs, {"name": f"s{number}"}).status_code == 202
    assert refusal(_create(mugs, LOW)) == (400, "selection-limit-reached")


def test_a_field_that_a_selection_uses_stays_and_its_texts_are_bounded(mugs: httpx.Client) -> None:
    _create(mugs, {"name": "blue", "filters": [BLUE]})
    removed = mugs.delete("/catalogs/mugs/fields/name")
    assert refusal(removed) == (400, "field-referenced-by-selection")
    long = {"items": [{"name": "x" * 1_001}]}
    answer = mugs.put("/catalogs/mugs/items/m1", json=long)
    assert refusal(answer) == (400, "filtered-set-field-too-long")
