"""Rules over HTTP: forced types and blocked names, kept, listed, let go, and refused where wrong."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Api, running_api

TYPES, NAMES = "/api/attribute-types", "/api/blocked-names"
ODD = "a/b & c?"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as running:
        yield running


def test_a_type_is_forced_listed_and_let_go(api: Api) -> None:
    assert api.get(TYPES) == {"types": []}
    before = api.changes
    answer = api.request("PUT", TYPES, json={"name": ODD, "type": "number"})
    assert (answer.status_code, answer.json()) == (200, {"name": ODD, "type": "number"})
    assert [(one["name"], one["type"]) for one in api.get(TYPES)["types"]] == [(ODD, "number")]
    assert api.request("DELETE", TYPES, params={"name": ODD}).json() == {}
    assert api.get(TYPES) == {"types": []}
    assert api.changes == before + 2
    assert api.request("DELETE", TYPES, params={"name": ODD}).status_code == 404


def test_a_name_is_blocked_listed_and_let_go(api: Api) -> None:
    named = {"kind": "event_property", "name": "ip", "of": ODD}
    before = api.changes
    assert api.request("PUT", NAMES, json=named).json() == named
    (listed,) = api.get(NAMES)["blocked"]
    assert {name: listed[name] for name in named} == named
    assert api.request("DELETE", NAMES, params={**named, "of": "other"}).status_code == 404
    assert api.request("DELETE", NAMES, params=named).json() == {}
    assert api.get(NAMES) == {"blocked": []}
    assert api.changes == before + 2


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        (TYPES, {"name": "plan", "type": "text"}, "/type"),
        (TYPES, {"name": "", "type": "string"}, "/name"),
        (TYPES, {"name": "x" * 256, "type": "string"}, "/name"),
        (TYPES, {"name": " plan", "type": "string"}, "/name"),
        (TYPES, {"name": "email", "type": "string"}, "/name"),
        (TYPES, {"name": "external_id", "type": "string"}, "/name"),
        (NAMES, {"kind": "attribute", "name": "country"}, "/name"),
        (NAMES, {"kind": "purchase", "name": "mug"}, "/kind"),
        (NAMES, {"kind": "event_property", "name": "ip"}, "/of"),
        (NAMES, {"kind": "event", "name": "seen", "of": "x"}, "/of"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    api: Api, path: str, body: dict[str, Any], pointer: str
) -> None:
    answer = api.request("PUT", path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["pointer"] == pointer
    assert list(api.get(path).values()) == [[]]


@pytest.mark.parametrize("query", [{}, {"kind": "event"}, {"name": "x"}])
def test_a_name_is_needed_to_let_go(api: Api, query: dict[str, str]) -> None:
    assert api.request("DELETE", NAMES, params=query).status_code == 400
