"""Transformations over HTTP: made, edited, published, and what is told of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Api, running_api
from transformer.delivery import State
from transformer.transformation import STARTER_CODE, Destination


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as running:
        yield running


def _refused(api: Api, method: str, path: str, body: object) -> tuple[int, dict[str, Any]]:
    answer = api.request(method, path, json=body)
    assert answer.is_error, answer.text
    return answer.status_code, answer.json()["error"]


def _one(made: dict[str, Any], rest: str = "") -> str:
    return f"/api/transformations/{made['id']}{rest}"


def test_a_transformation_is_made_with_a_source_of_its_own(api: Api) -> None:
    made = api.make(name="Orders", code="return;")
    (source,) = api.get("/api/sources")["sources"]
    assert (made["source_id"], made["url"]) == (source["id"], source["url"])
    assert made["url"].startswith("http://host.test/in/")
    assert (made["name"], made["draft"]) == ("Orders", "return;")


def test_the_url_is_below_the_base_url_where_one_is_set(tmp_path: Path) -> None:
    with running_api(tmp_path, base_url="https://hooks.example.com") as api:
        assert api.make()["url"].startswith("https://hooks.example.com/in/")


@pytest.mark.parametrize("destination", list(Destination))
def test_without_code_the_draft_is_the_starter_of_the_destination(
    api: Api, destination: Destination
) -> None:
    made = api.make(destination=destination.value)
    assert (made["destination"], made["draft"]) == (destination.value, STARTER_CODE[destination])


def test_the_default_destination_is_track(api: Api) -> None:
    assert api.make()["destination"] == "track"


@pytest.mark.parametrize(
    ("body", "pointer", "told"),
    [
        ({}, "/name", "`name` is missing"),
        ({"name": ""}, "/name", "empty"),
        ({"name": 7}, "/name", "a number; a string was expected"),
        ({"name": "x" * 251}, "/name", "at most 250"),
        ({"name": "x\x00"}, "/name", "must match"),
        ({"name": "x", "destination": "braze"}, "/destination", "one of track, catalog.put"),
        ({"name": "x", "code": None}, "/code", "null; a string was expected"),
        ({"name": "x", "cod": "return;"}, "/cod", "`cod` is not known here"),
        ({"name": "x", "provider": "stripe"}, "/provider", "'stripe' is not known"),
    ],
)
def test_a_wrong_body_is_refused_at_its_place(
    api: Api, body: object, pointer: str, told: str
) -> None:
    status, error = _refused(api, "POST", "/api/transformations", body)
    assert (status, error["code"], error["pointer"]) == (400, "invalid_request", pointer)
    assert told in error["message"]


def test_a_misspelt_property_is_put_right(api: Api) -> None:
    _, error = _refused(api, "POST", "/api/transformations", {"name": "x", "cod": "return;"})
    assert "Did you mean `code`?" in error["hint"]


def test_no_provider_is_as_good_as_none(api: Api) -> None:
    api.make(provider="")
    api.make(provider=None)


def test_transformations_are_listed(api: Api) -> None:
    one, other = api.make(name="One"), api.make(name="Other")
    listed = api.get("/api/transformations")["transformations"]
    assert sorted(listed, key=lambda held: str(held["name"])) == [one, other]


def test_a_saved_draft_is_read_back(api: Api) -> None:
    made = api.make()
    saved = api.put(_one(made, "/draft"), {"code": "return 'é';"})
    assert saved["draft"] == "return 'é';"
    assert api.get(_one(made)) == saved


def test_a_draft_that_is_no_javascript_is_saved_all_the_same(api: Api) -> None:
    made = api.make()
    assert api.put(_one(made, "/draft"), {"code": "syntax error"})["draft"] == "syntax error"


def test_publishing_makes_a_revision_of_the_draft(api: Api) -> None:
    made = api.make(code="return 1;")
    revision = api.post(_one(made, "/publish"), {"note": "first"})["revision"]
    assert (revision["number"], revision["code"], revision["note"]) == (1, "return 1;", "first")
    assert api.get(_one(made))["published_revision_id"] == revision["id"]


def test_publishing_takes_no_body_at_all(api: Api) -> None:
    made = api.make()
    answer = api.request("POST", _one(made, "/publish"))
    assert answer.json()["revision"]["number"] == 1


def test_publishing_tells_the_other_processes(api: Api) -> None:
    made = api.make()
    before = api.changes
    api.post(_one(made, "/publish"))
    assert api.changes == before + 1


def test_publishing_again_tells_the_other_processes_again(api: Api) -> None:
    # Whoever could not be told the first time, because Redis was away, is told by the second try.
    made = api.make()
    api.post(_one(made, "/publish"))
    before = api.changes
    api.post(_one(made, "/publish"))
    assert api.changes == before + 1


def test_a_draft_with_a_syntax_error_is_not_published(api: Api) -> None:
    made = api.make(code="syntax error")
    status, error = _refused(api, "POST", _one(made, "/publish"), {})
    assert (status, error["code"]) == (409, "syntax_error")
    assert "line 1, column 8" in error["message"]
    assert api.get(_one(made))["published_revision_id"] is None


def test_revisions_are_listed_newest_first(api: Api) -> None:
    made = api.make(code="return 1;")
    first = api.post(_one(made, "/publish"))["revision"]
    api.put(_one(made, "/draft"), {"code": "return 2;"})
    second = api.post(_one(made, "/publish"))["revision"]
    assert api.get(_one(made, "/revisions"))["revisions"] == [second, first]


def test_an_unpublished_transformation_has_no_published_revision(api: Api) -> None:
    made = api.make()
    api.post(_one(made, "/publish"))
    before = api.changes
    assert api.post(_one(made, "/unpublish"))["published_revision_id"] is None
    assert api.changes == before + 1


def test_a_transformation_is_renamed(api: Api) -> None:
    made = api.make(name="Orders")
    answer = api.request("PATCH", _one(made), json={"name": "Paid orders"})
    assert answer.json()["name"] == "Paid orders"
    assert api.get(_one(made)) == answer.json()


def test_a_transformation_is_deleted_once_it_is_unpublished(api: Api) -> None:
    made = api.make()
    api.post(_one(made, "/publish"))
    assert api.request("DELETE", _one(made)).status_code == 409
    api.post(_one(made, "/unpublish"))
    assert api.request("DELETE", _one(made)).json() == {"deleted": made["id"]}
    assert api.request("GET", _one(made)).status_code == 404


def test_a_run_takes_the_draft_and_the_newest_event(api: Api) -> None:
    made = api.make(code="return 1;")
    api.log(made, body=b'{"n": 1}')
    newest = api.log(made, state=State.CAPTURED, body=b'{"n": 2}')
    asked = api.post(_one(made, "/run"))["output"]
    assert (asked["code"], asked["payload"]) == ("return 1;", '{"n": 2}')
    assert asked["headers"] == {"X-Topic": "orders"}
    assert asked["context"] == {
        "event_id": newest["event_id"],
        "accepted_at": newest["accepted_at"],
        "source": {"id": made["source_id"], "name": "Orders"},
        "transformation": {"id": made["id"], "name": "Orders", "revision": None},
    }


def test_a_run_takes_the_event_that_is_named(api: Api) -> None:
    made = api.make()
    older = api.log(made, body=b'{"n": 1}')
    api.log(made, body=b'{"n": 2}')
    asked = api.post(_one(made, "/run"), {"event_id": older["event_id"]})["output"]
    assert asked["payload"] == '{"n": 1}'


def test_a_run_takes_the_code_and_the_payload_that_are_given(api: Api) -> None:
    made = api.make(destination="catalog.put")
    body = {"code": "return 2;", "payload": ["é", None], "headers": {"x-topic": "a"}}
    asked = api.post(_one(made, "/run"), body)["output"]
    assert (asked["code"], asked["payload"]) == ("return 2;", '["é",null]')
    assert asked["destination"] == "catalog.put"
    assert asked["headers"] == {"X-Topic": "a"}


def test_a_payload_may_be_null(api: Api) -> None:
    made = api.make()
    assert api.post(_one(made, "/run"), {"payload": None})["output"]["payload"] == "null"


def test_a_run_without_an_event_says_what_to_do(api: Api) -> None:
    made = api.make()
    status, error = _refused(api, "POST", _one(made, "/run"), {})
    assert (status, error["pointer"]) == (400, "/payload")
    assert "send a webhook" in error["hint"]


def test_a_run_of_two_payloads_is_refused(api: Api) -> None:
    made = api.make()
    body = {"payload": {}, "event_id": "evt_" + "0" * 32}
    status, error = _refused(api, "POST", _one(made, "/run"), body)
    assert (status, error["pointer"]) == (400, "/event_id")


def test_a_run_of_an_event_that_is_gone_is_not_found(api: Api) -> None:
    made = api.make()
    status, error = _refused(api, "POST", _one(made, "/run"), {"event_id": "evt_" + "0" * 32})
    assert (status, error["pointer"]) == (404, "/event_id")
