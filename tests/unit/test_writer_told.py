"""Errors of Track users are told as its API tells them, beside ours."""

from typing import Any

import pytest

from transformer.delivery import Problem
from transformer.writer.told import told_on_the_wire

MISSING = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
SEVERAL = "You must specify only one of 'external_id', 'user_alias' or 'braze_id'"
USER = {"external_id": "u1"}
EVENT = USER | {"name": "Seen", "time": "2026-01-02T03:04:05Z"}


def _told(output: Any, code: str, pointer: str) -> dict[str, Any]:
    error = Problem(code, "In our own words.", pointer=pointer).as_json()
    [told] = told_on_the_wire({"errors": [error], "warnings": []}, output)["errors"]
    assert told.items() >= error.items()
    return {name: told[name] for name in told.keys() - error.keys()}


@pytest.mark.parametrize(
    ("output", "code", "pointer", "expected"),
    [
        pytest.param(
            {"attributes": [USER, {}]},
            "missing_identifier",
            "/attributes/1",
            (MISSING, "attributes", 1),
            id="what the writer found",
        ),
        pytest.param(
            {"attributes": [USER, USER | {"visits": {"inc": 1}}]},
            "invalid_increment",
            "/attributes/1/visits",
            ("'visits' is not valid", "attributes", 1),
            id="what the profile did not allow",
        ),
        pytest.param(
            {"attributes": [{"plan": "gold"}]},
            "invalid_output",
            "/attributes/0",
            (MISSING, "attributes", 0),
            id="what broke the schema, in the words of the writer",
        ),
        pytest.param(
            {"attributes": [USER | {"braze_id": "b"}]},
            "invalid_output",
            "/attributes/0",
            (SEVERAL, "attributes", 0),
            id="two identifiers",
        ),
        pytest.param(
            {"events": [EVENT, EVENT | {"time": "yesterday"}]},
            "invalid_output",
            "/events/1/time",
            ("'time' is not valid", "events", 1),
            id="an event's time",
        ),
        pytest.param(
            {"purchases": [7]},
            "invalid_output",
            "/purchases/0",
            (MISSING, "purchases", 0),
            id="no object",
        ),
        pytest.param(
            {"attributes": [USER | {"plan": "gold"}]},
            "invalid_output",
            "/attributes/0/plan",
            ("'plan' is not valid", "attributes", 0),
            id="what the schema alone refuses",
        ),
        pytest.param(
            [{"attributes": [USER, USER]}, {"attributes": [USER, {}]}],
            "invalid_output",
            "/1/attributes/1",
            (MISSING, "attributes", 3),
            id="a place in the second of several bodies",
        ),
        pytest.param(
            [{"attributes": [USER, USER]}, {"attributes": [USER, {}]}],
            "missing_identifier",
            "/attributes/3",
            (MISSING, "attributes", 3),
            id="a place that counts through all bodies",
        ),
    ],
)
def test_an_error_of_an_object_has_its_place_and_its_words(
    output: Any, code: str, pointer: str, expected: tuple[str, str, int]
) -> None:
    described, array, index = expected
    assert _told(output, code, pointer) == {
        "type": described,
        "input_array": array,
        "index": index,
    }


@pytest.mark.parametrize(
    ("output", "code", "pointer"),
    [
        pytest.param(None, "threw", "", id="an error of the code"),
        pytest.param({"attributes": {}}, "invalid_output", "/attributes", id="of the array"),
        pytest.param({"items": [{}]}, "items_missing_ids", "/items/0", id="of an item"),
        pytest.param([], "invalid_output", "/3", id="of a body"),
    ],
)
def test_an_error_of_something_else_is_left_as_it_is(output: Any, code: str, pointer: str) -> None:
    assert _told(output, code, pointer) == {}


@pytest.mark.parametrize("output", [None, "text", [], [7], {}, {"attributes": 7}])
def test_a_place_that_is_not_in_the_output_breaks_nothing(output: Any) -> None:
    assert _told(output, "invalid_output", "/9/attributes/9/plan")["index"] >= 9
