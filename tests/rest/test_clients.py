"""Clients that others wrote for Braze work here, with nothing changed but the address.

``braze-client`` is a package of PyPI, ``braze-api`` one of npm.
"""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from braze.client import BrazeClient, BrazeClientError

from tests.support import npm_tools
from tests.support.rest import make_key
from tests.support.system import System
from tests.support.waiting import wait_until

TIME = "2026-01-02T03:04:05Z"
MISSING = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
NOTHING_VALID = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."


@pytest.fixture(scope="module")
def key(system: System) -> str:
    return str(make_key(system, name="A client of others")["key"])


@pytest.fixture
def braze(system: System, key: str) -> Iterator[Any]:
    client = BrazeClient(api_key=key, api_url=system.instance.url)
    yield client
    client.session.close()


def test_python_users_are_tracked_exported_and_deleted(braze: Any) -> None:
    tracked = braze.user_track(
        attributes=[{"external_id": "p1", "email": "p1@example.com", "plan": "gold"}],
        events=[{"external_id": "p1", "name": "Seen", "time": TIME}],
        purchases=None,
    )
    assert tracked["success"]
    assert (tracked["attributes_processed"], tracked["events_processed"]) == (1, 1)

    def exported() -> list[dict[str, Any]]:
        users: list[dict[str, Any]] = braze.user_export(external_ids=["p1"])["users"]
        return users

    [user] = wait_until("the user is there", exported)
    assert user["custom_attributes"] == {"plan": "gold"}
    [by_email] = braze.user_export(email="p1@example.com", fields_to_export=["external_id"])[
        "users"
    ]
    assert by_email == {"external_id": "p1"}

    assert braze.user_delete(external_ids=["p1"])["success"]
    wait_until("the user is gone", lambda: not exported())


def test_python_objects_that_are_not_applied_are_told(braze: Any) -> None:
    told = braze.user_track(attributes=[{"external_id": "p2"}, {"plan": "gold"}])
    assert not told["success"]
    assert told["message"] == "success"
    assert told["errors"] == [{"type": MISSING, "input_array": "attributes", "index": 1}]


def test_python_a_call_with_nothing_valid_is_an_error_of_the_client(braze: Any) -> None:
    with pytest.raises(BrazeClientError) as caught:
        braze.user_track(attributes=[{"plan": "gold"}])
    message, errors = caught.value.args
    assert message == NOTHING_VALID
    assert [error["type"] for error in errors] == [MISSING]


def test_python_a_key_that_opens_nothing_is_an_error_of_the_client(braze: Any) -> None:
    braze.api_key = "nobody"
    with pytest.raises(BrazeClientError, match="Invalid API key"):
        braze.user_track(attributes=[{"external_id": "p3"}])


@pytest.fixture(scope="module")
def told(system: System, key: str) -> list[dict[str, Any]]:
    """What the client says to each of the calls below, made in one process of Node."""
    return _call(system, key, CALLS)


def test_node_every_call_is_understood(told: list[dict[str, Any]]) -> None:
    answers = [one["answer"] for one in told[: len(CALLS)]]
    assert [answer["message"] for answer in answers] == ["success"] * len(CALLS)


def test_node_its_answers_are_what_the_client_declares(told: list[dict[str, Any]]) -> None:
    answers = {method: one["answer"] for (method, _), one in zip(CALLS, told, strict=True)}
    assert answers["users.track"]["attributes_processed"] == 2
    assert answers["users.delete"]["deleted"] == 1
    renamed = answers["users.external_ids.rename"]
    assert renamed["external_ids"] == []
    assert len(renamed["rename_errors"]) == 1
    removed = answers["users.external_ids.remove"]
    assert removed["removed_ids"] == []
    assert len(removed["removal_errors"]) == 1
    assert answers["users.export.ids"]["invalid_user_ids"] == ["n-nobody"]


def test_node_what_it_asked_for_is_applied(
    told: list[dict[str, Any]], client: httpx.Client
) -> None:
    assert told

    def by_alias() -> list[dict[str, Any]]:
        alias = {"alias_name": "n1-new", "alias_label": "npm"}
        body = {"user_aliases": [alias]}
        users: list[dict[str, Any]] = client.post("/users/export/ids", json=body).json()["users"]
        return users

    [user] = wait_until("the alias has its new name", by_alias)
    assert user["external_id"] == "n1"


def test_node_errors_are_what_the_client_throws(system: System, key: str) -> None:
    [nothing_valid] = _call(system, key, [("users.track", {"attributes": [{"plan": "x"}]})])
    error = nothing_valid["error"]
    assert (error["status"], error["message"]) == (400, NOTHING_VALID)
    assert error["errors"][0]["input_array"] == "attributes"
    [unauthorized] = _call(system, "nobody", [("users.merge", {"merge_updates": []})])
    assert unauthorized["error"]["status"] == 401


def test_node_catalogs_are_read_page_by_page(system: System, shop: httpx.Client) -> None:
    fields = [{"name": "id", "type": "string"}, {"name": "stock", "type": "number"}]
    shop.post("/catalogs", json={"catalogs": [{"name": "mugs", "fields": fields}]})
    items = [{"id": f"m{number:03}", "stock": number} for number in range(120)]
    for start in range(0, 120, 50):
        shop.put("/catalogs/mugs/items", json={"items": items[start : start + 50]})
    wait_until("all are there", lambda: shop.get("/catalogs/mugs/items/m119").status_code == 200)
    read = "catalogs.synchronous"
    listed, shown, found, missing = _call(
        system,
        shop.headers["authorization"].removeprefix("Bearer "),
        [
            (f"{read}.list", None),
            (f"{read}.item", {"catalog_name": "mugs", "item_id": "m007"}),
            (f"{read}.items", {"catalog_name": "mugs"}),
            (f"{read}.item", {"catalog_name": "mugs", "item_id": "cup"}),
        ],
    )
    assert listed["answer"]["catalogs"][0]["fields"] == fields
    assert shown["answer"]["items"] == [{"id": "m007", "stock": 7}]
    assert found["answer"] == items
    assert missing["error"]["status"] == 404
    assert missing["error"]["errors"][0]["id"] == "item-not-found"


ALIAS = {"alias_name": "n1", "alias_label": "npm"}
CALLS: list[tuple[str, Any]] = [
    (
        "users.track",
        {
            "attributes": [{"external_id": "n1", "plan": "gold"}, {"external_id": "n2"}],
            "events": [{"external_id": "n1", "name": "Seen", "time": TIME}],
        },
    ),
    ("users.alias.new", {"user_aliases": [{"external_id": "n1"} | ALIAS]}),
    (
        "users.alias.update",
        {
            "alias_updates": [
                {"alias_label": "npm", "old_alias_name": "n1", "new_alias_name": "n1-new"}
            ]
        },
    ),
    (
        "users.identify",
        {"aliases_to_identify": [{"external_id": "n3", "user_alias": ALIAS}]},
    ),
    (
        "users.merge",
        {
            "merge_updates": [
                {
                    "identifier_to_merge": {"external_id": "n-nobody"},
                    "identifier_to_keep": {"external_id": "n1"},
                }
            ]
        },
    ),
    ("users.delete", {"external_ids": ["n2"]}),
    (
        "users.external_ids.rename",
        {
            "external_id_renames": [
                {"current_external_id": "n-nobody", "new_external_id": "n-other"}
            ]
        },
    ),
    ("users.external_ids.remove", {"external_ids": ["n-nobody"]}),
    ("users.export.ids", {"external_ids": ["n-nobody"], "fields_to_export": ["braze_id"]}),
]


def _call(system: System, key: str, calls: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["node", "braze.js"],  # noqa: S607
        cwd=npm_tools.install(),
        input=json.dumps({"url": system.instance.url, "key": key, "calls": calls}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told
