"""Who a profile is, over the REST API: what is answered and what is refused (braze.md §2.4).

What the writer makes of each operation is its own tests' matter; here one of each is seen to arrive.
"""

from typing import Any

import httpx
import pytest

from tests.support.waiting import wait_until

SYNC = "/users/track/sync"
PROCESSED = {"aliases_processed": 1, "message": "success"}
MOST_RECENT = ["most_recently_updated"]


def _alias(name: str) -> dict[str, str]:
    return {"alias_name": name, "alias_label": "rest"}


def _make(client: httpx.Client, **described: Any) -> None:
    body = {"attributes": [{"_update_existing_only": False} | described]}
    client.post(SYNC, json=body).raise_for_status()


def _users(client: httpx.Client, **body: Any) -> list[dict[str, Any]]:
    answer = client.post("/users/export/ids", json=body)
    assert answer.status_code == 201, answer.text
    users: list[dict[str, Any]] = answer.json()["users"]
    return users


def _post(client: httpx.Client, path: str, body: Any, *, status: int = 201) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_an_alias_is_identified(client: httpx.Client) -> None:
    _make(client, user_alias=_alias("l1"), plan="gold")
    element = {"external_id": "l1", "user_alias": _alias("l1")}
    told = _post(client, "/users/identify", {"aliases_to_identify": [element]})
    assert told == PROCESSED
    [user] = wait_until("l1 is identified", lambda: _users(client, external_ids=["l1"]))
    assert user["custom_attributes"] == {"plan": "gold"}


@pytest.mark.parametrize(
    ("array", "name", "value"),
    [
        ("emails_to_identify", "email", "l2@example.com"),
        ("phone_numbers_to_identify", "phone", "+351210000202"),
    ],
)
def test_an_address_is_identified(client: httpx.Client, array: str, name: str, value: str) -> None:
    _make(client, **{name: value}, plan="gold")
    element = {"external_id": f"l2-{name}", name: value, "prioritization": MOST_RECENT}
    assert _post(client, "/users/identify", {array: [element]}) == PROCESSED
    wait_until("it is identified", lambda: _users(client, external_ids=[f"l2-{name}"]))


def test_profiles_are_merged(client: httpx.Client) -> None:
    _make(client, external_id="l3-old", plan="gold")
    _make(client, external_id="l3-new", visits=3)
    update = {
        "identifier_to_merge": {"external_id": "l3-old"},
        "identifier_to_keep": {"external_id": "l3-new"},
    }
    told = _post(client, "/users/merge", {"merge_updates": [update]}, status=202)
    assert told == {"message": "success"}
    wait_until("the old one is gone", lambda: not _users(client, external_ids=["l3-old"]))
    [user] = _users(client, external_ids=["l3-new"])
    assert user["custom_attributes"] == {"plan": "gold", "visits": 3}


def test_an_alias_is_given_and_renamed(client: httpx.Client) -> None:
    _make(client, external_id="l4")
    element = {"external_id": "l4"} | _alias("l4")
    assert _post(client, "/users/alias/new", {"user_aliases": [element]}) == PROCESSED
    wait_until("it has the alias", lambda: _users(client, user_aliases=[_alias("l4")]))
    renamed = {"alias_label": "rest", "old_alias_name": "l4", "new_alias_name": "l4-new"}
    assert _post(client, "/users/alias/update", {"alias_updates": [renamed]}) == PROCESSED
    [user] = wait_until(
        "it has the new one", lambda: _users(client, user_aliases=[_alias("l4-new")])
    )
    assert user["external_id"] == "l4"


@pytest.mark.parametrize(
    ("array", "described", "element"),
    [
        ("external_ids", {"external_id": "l5"}, "l5"),
        ("user_aliases", {"user_alias": _alias("l5")}, _alias("l5")),
        (
            "email_addresses",
            {"email": "l5@example.com"},
            {"email": "l5@example.com", "prioritization": MOST_RECENT},
        ),
        (
            "phone_numbers",
            {"phone": "+351210000205"},
            {"phone": "+351210000205", "prioritization": MOST_RECENT},
        ),
    ],
)
def test_a_profile_is_deleted(
    client: httpx.Client, array: str, described: dict[str, Any], element: Any
) -> None:
    _make(client, **described, plan="gold")
    names = {"email": "email_address"}
    by: dict[str, Any] = {
        "external_id": {"external_ids": ["l5"]},
        "user_alias": {"user_aliases": [_alias("l5")]},
    }
    [(name, value)] = described.items()
    wanted = by.get(name) or {names.get(name, name): value}
    assert _users(client, **wanted)
    told = _post(client, "/users/delete", {array: [element]})
    assert told == {"deleted": 1, "message": "success"}
    wait_until("it is gone", lambda: not _users(client, **wanted))


def test_a_profile_is_deleted_by_its_braze_id(client: httpx.Client) -> None:
    _make(client, external_id="l6")
    [user] = _users(client, external_ids=["l6"])
    told = _post(client, "/users/delete", {"braze_ids": [user["braze_id"]]})
    assert told == {"deleted": 1, "message": "success"}
    wait_until("it is gone", lambda: not _users(client, external_ids=["l6"]))


def test_external_ids_are_renamed_and_removed_and_what_cannot_be_is_told(
    client: httpx.Client,
) -> None:
    for name in ("l7-old", "l7-taken"):
        _make(client, external_id=name)
    renames = [
        {"current_external_id": "l7-nobody", "new_external_id": "l7-x"},
        {"current_external_id": "l7-old", "new_external_id": "l7-new"},
        {"current_external_id": "l7-old", "new_external_id": 7},
        {"current_external_id": "l7-new", "new_external_id": "l7-taken"},
    ]
    told = _post(client, "/users/external_ids/rename", {"external_id_renames": renames})
    assert (told["message"], told["external_ids"]) == ("success", ["l7-new"])
    assert [index for index, _why in told["rename_errors"]] == [0, 2, 3]
    # Both names find the profile, and the answer was given when it was so.
    assert len(_users(client, external_ids=["l7-old", "l7-new"])) == 1

    ids = ["l7-new", "l7-old", "l7-nobody"]
    told = _post(client, "/users/external_ids/remove", {"external_ids": ids})
    assert (told["message"], told["removed_ids"]) == ("success", ["l7-old"])
    assert [index for index, _why in told["removal_errors"]] == [0, 2]
    assert _users(client, external_ids=["l7-old"]) == []
    assert len(_users(client, external_ids=["l7-new"])) == 1


def test_renaming_where_nothing_can_be_read_changes_nothing(client: httpx.Client) -> None:
    told = _post(client, "/users/external_ids/rename", {"external_id_renames": [{}]})
    assert told["external_ids"] == []
    assert [index for index, _why in told["rename_errors"]] == [0]


ARRAYS = [
    ("/users/identify", "aliases_to_identify"),
    ("/users/merge", "merge_updates"),
    ("/users/alias/new", "user_aliases"),
    ("/users/alias/update", "alias_updates"),
    ("/users/delete", "email_addresses"),
    ("/users/external_ids/rename", "external_id_renames"),
]


@pytest.mark.parametrize(("path", "array"), ARRAYS)
@pytest.mark.parametrize("elements", ["x", {"a": 1}, ["x"], [None], [[]]], ids=repr)
def test_an_array_that_holds_no_objects_is_refused(
    client: httpx.Client, path: str, array: str, elements: Any
) -> None:
    told = _post(client, path, {array: elements}, status=400)
    assert told == {"message": f"'{array}' must be an array of objects"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *((path, {}) for path, _array in ARRAYS),
        *((path, {array: []}) for path, array in ARRAYS),
        *((path, {array: None}) for path, array in ARRAYS),
        ("/users/external_ids/remove", {}),
        ("/users/external_ids/remove", {"external_ids": "x"}),
        ("/users/delete", {"external_ids": []}),
        ("/users/delete", {"external_ids": ["a"], "braze_ids": ["b"]}),
    ],
)
def test_a_call_that_asks_for_nothing_is_refused(
    client: httpx.Client, path: str, body: Any
) -> None:
    assert _post(client, path, body, status=400)["message"]


ELEMENTS: list[tuple[str, str, Any]] = [
    ("/users/identify", "aliases_to_identify", {"external_id": "a", "user_alias": _alias("a")}),
    ("/users/alias/new", "user_aliases", _alias("nobody") | {"external_id": "l-nobody"}),
    (
        "/users/alias/update",
        "alias_updates",
        {"alias_label": "rest", "old_alias_name": "nobody", "new_alias_name": "b"},
    ),
    ("/users/delete", "external_ids", "l-nobody"),
    (
        "/users/external_ids/rename",
        "external_id_renames",
        {"current_external_id": "l-nobody", "new_external_id": "l-x"},
    ),
    ("/users/external_ids/remove", "external_ids", "l-nobody"),
]


@pytest.mark.parametrize(("path", "array", "element"), ELEMENTS)
def test_50_elements_are_taken_and_51_are_not(
    client: httpx.Client, path: str, array: str, element: Any
) -> None:
    assert client.post(path, json={array: [element] * 50}).status_code == 201
    told = _post(client, path, {array: [element] * 51}, status=400)
    assert told == {"message": "The max number of ids per request was exceeded"}


def test_50_merges_are_taken_and_51_are_not(client: httpx.Client) -> None:
    update = {
        "identifier_to_merge": {"external_id": "l-nobody"},
        "identifier_to_keep": {"external_id": "l-nobody"},
    }
    _post(client, "/users/merge", {"merge_updates": [update] * 50}, status=202)
    told = _post(client, "/users/merge", {"merge_updates": [update] * 51}, status=400)
    assert told == {"message": "a single request may not contain more than 50 merge updates"}


@pytest.mark.parametrize(
    ("update", "begins"),
    [
        pytest.param({}, "'merge_updates' must only have", id="nothing"),
        pytest.param(
            {"identifier_to_merge": {"external_id": "a"}},
            "'merge_updates' must only have 'identifier_to_merge' and 'identifier_to_keep'",
            id="half",
        ),
        pytest.param(
            {"identifier_to_merge": {}, "identifier_to_keep": {}, "more": {}},
            "'merge_updates' must only have",
            id="more",
        ),
        pytest.param(
            {"identifier_to_merge": "a", "identifier_to_keep": "b"},
            "identifiers must be objects with an 'external_id' property that is a string",
            id="strings",
        ),
        pytest.param(
            {"identifier_to_merge": {"external_id": 1}, "identifier_to_keep": {"external_id": "b"}},
            "identifiers must be objects with an 'external_id' property that is a string",
            id="a number",
        ),
        pytest.param(
            {
                "identifier_to_merge": {"email": "a@b.cd"},
                "identifier_to_keep": {"external_id": "b"},
            },
            "identifiers must be objects with an 'external_id' property that is a string",
            id="an email without prioritization",
        ),
    ],
)
def test_a_merge_is_refused_in_the_words_of_the_api(
    client: httpx.Client, update: Any, begins: str
) -> None:
    told = _post(client, "/users/merge", {"merge_updates": [update]}, status=400)
    assert told["message"].startswith(begins)


def test_one_element_that_cannot_be_read_refuses_the_call(client: httpx.Client) -> None:
    elements = [_alias("l8") | {"external_id": "l8"}, {"alias_name": "l8"}]
    _make(client, external_id="l8")
    told = _post(client, "/users/alias/new", {"user_aliases": elements}, status=400)
    assert told["message"].startswith("user_aliases[1]: ")
    assert _users(client, user_aliases=[_alias("l8")]) == []


def test_a_blocked_external_id_is_given_to_nobody(client: httpx.Client) -> None:
    element = {"external_id": "undefined", "user_alias": _alias("l9")}
    told = _post(client, "/users/identify", {"aliases_to_identify": [element]}, status=400)
    assert "undefined" in told["message"]
    told = _post(client, "/users/track", {"attributes": [{"external_id": "null"}]}, status=400)
    assert told["errors"] == [
        {
            "type": "provided external_id is blacklisted and disallowed",
            "input_array": "attributes",
            "index": 0,
        }
    ]
