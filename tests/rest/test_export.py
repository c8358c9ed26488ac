"""``POST /users/export/ids``: profiles as the store has them (braze.md §2.4)."""

from typing import Any

import httpx
import pytest

EXPORT = "/users/export/ids"
SYNC = "/users/track/sync"
ALIAS = {"alias_name": "x1", "alias_label": "export"}


@pytest.fixture(scope="module")
def people(client: httpx.Client) -> None:
    for described in (
        {"external_id": "x1", "email": "x@example.com", "first_name": "Ana", "plan": "gold"},
        {"external_id": "x2", "email": "x@example.com", "phone": "+351210000099"},
        {"user_alias": ALIAS, "_update_existing_only": False, "plan": "free"},
    ):
        client.post(SYNC, json={"attributes": [described]}).raise_for_status()
    for kind in ("events", "purchases"):
        happened: dict[str, Any] = {
            "external_id": "x1",
            "time": "2026-01-02T03:04:05Z",
            "name": "Seen",
        }
        happened |= {"product_id": "teapot", "currency": "EUR", "price": 9.5}
        client.post(SYNC, json={kind: [happened]}).raise_for_status()


def _export(client: httpx.Client, **body: Any) -> Any:
    answer = client.post(EXPORT, json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["message"] == "success"
    return answer.json()


@pytest.mark.usefixtures("people")
def test_a_user_is_exported_with_all_that_the_profile_holds(client: httpx.Client) -> None:
    told = _export(client, external_ids=["x1"])
    [user] = told["users"]
    assert "invalid_user_ids" not in told
    assert user["external_id"] == "x1"
    assert user["braze_id"].startswith("prf_")
    assert (user["first_name"], user["email"]) == ("Ana", "x@example.com")
    assert user["custom_attributes"] == {"plan": "gold"}
    assert user["custom_events"][0]["name"] == "Seen"
    assert user["purchases"][0]["count"] == 1
    assert user["total_revenue"] == 9.5
    assert None not in user.values()


@pytest.mark.usefixtures("people")
def test_only_the_fields_that_are_asked_for_are_exported(client: httpx.Client) -> None:
    fields = ["external_id", "custom_attributes", "dob", "campaigns_received", "no_such_field"]
    [user] = _export(client, external_ids=["x1"], fields_to_export=fields)["users"]
    assert user == {"external_id": "x1", "custom_attributes": {"plan": "gold"}}
    assert _export(client, external_ids=["x1"], fields_to_export=[])["users"] == [{}]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param({"external_ids": ["x1", "x2", "x1"]}, {"x1", "x2"}, id="external ids"),
        pytest.param({"external_ids": ["x1"], "user_aliases": [ALIAS]}, {"x1", None}, id="both"),
        pytest.param({"user_aliases": [ALIAS]}, {None}, id="an alias"),
        pytest.param({"email_address": "x@example.com"}, {"x1", "x2"}, id="all with an email"),
        pytest.param({"phone": "+351210000099"}, {"x2"}, id="a phone"),
    ],
)
def test_users_are_found_by_each_kind_of_identifier(
    client: httpx.Client, body: dict[str, Any], found: set[str | None]
) -> None:
    told = _export(client, **body)
    assert {user.get("external_id") for user in told["users"]} == found
    assert len(told["users"]) == len(found)


@pytest.mark.usefixtures("people")
def test_a_user_is_found_by_its_braze_id(client: httpx.Client) -> None:
    [user] = _export(client, external_ids=["x1"])["users"]
    assert _export(client, braze_id=user["braze_id"])["users"] == [user]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("body", "unknown"),
    [
        ({"external_ids": ["x1", "nobody"]}, ["nobody"]),
        ({"user_aliases": [{"alias_name": "n", "alias_label": "export"}]}, ["n"]),
        ({"email_address": "nobody@example.com"}, ["nobody@example.com"]),
        ({"phone": "+351000000000"}, ["+351000000000"]),
        ({"braze_id": "prf_0"}, ["prf_0"]),
        ({"device_id": "d1"}, ["d1"]),
        ({"external_ids": ["a\x00b"]}, ["a\x00b"]),
    ],
)
def test_who_is_not_found_is_told(
    client: httpx.Client, body: dict[str, Any], unknown: list[str]
) -> None:
    assert _export(client, **body)["invalid_user_ids"] == unknown


IDS = [f"x-{number}" for number in range(50)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"external_ids": IDS}, 201, id="50"),
        pytest.param({"external_ids": [*IDS, "x"]}, 400, id="51"),
        pytest.param({"external_ids": IDS, "user_aliases": [ALIAS]}, 400, id="50 and an alias"),
        pytest.param({}, 400, id="nobody"),
        pytest.param({"external_ids": []}, 400, id="an empty list"),
        pytest.param({"external_ids": "x1"}, 400, id="no list"),
        pytest.param({"external_ids": [1]}, 400, id="a number"),
        pytest.param({"external_ids": ["x1"], "phone": "+351"}, 400, id="two kinds"),
        pytest.param({"email_address": "a@b.c", "phone": "+351"}, 400, id="two others"),
        pytest.param({"email_address": ["a@b.c"]}, 400, id="a list of emails"),
        pytest.param({"user_aliases": [{"alias_name": "x1"}]}, 400, id="half an alias"),
        pytest.param({"user_aliases": ["x1"]}, 400, id="no alias"),
        pytest.param({"external_ids": ["x1"], "fields_to_export": "all"}, 400, id="no fields"),
        pytest.param({"external_ids": ["x1"], "fields_to_export": [1]}, 400, id="no names"),
    ],
)
def test_a_call_names_50_users_at_most_by_one_kind_of_identifier(
    client: httpx.Client, body: dict[str, Any], status: int
) -> None:
    answer = client.post(EXPORT, json=body)
    assert answer.status_code == status, answer.text


def test_more_than_50_are_refused_in_the_words_of_the_api(client: httpx.Client) -> None:
    answer = client.post(EXPORT, json={"external_ids": [*IDS, "x"]})
    assert answer.json() == {
        "message": "The max number of external_ids and aliases per request was exceeded"
    }
