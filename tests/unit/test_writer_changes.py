"""What is told of two states of a document: one row a rule, the row's name is the rule."""

from typing import Any

import pytest

from transformer.writer.changes import compare

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]] = {
    "what is equal is no change": ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, []),
    "a new value has no before": ({}, {"a": 1}, [{"kind": "value", "path": "/a", "after": 1}]),
    "a removed value has no after": ({"a": 1}, {}, [{"kind": "value", "path": "/a", "before": 1}]),
    "null is a value": (
        {"a": None},
        {"a": 1},
        [{"kind": "value", "path": "/a", "before": None, "after": 1}],
    ),
    "true and 1 are two values": (
        {"a": 1, "b": [True]},
        {"a": True, "b": [1]},
        [
            {"kind": "value", "path": "/a", "before": 1, "after": True},
            {
                "kind": "elements",
                "path": "/b",
                "before": [True],
                "after": [1],
                "added": [1],
                "removed": [True],
            },
        ],
    ),
    "1 and 1.0 are one value, and so are objects with their names in another order": (
        {"a": 1, "b": {"x": 1, "y": 2}},
        {"a": 1.0, "b": {"y": 2, "x": 1}},
        [],
    ),
    "inside of objects the place is told": (
        {"a": {"b/c": {"d~": 1}}},
        {"a": {"b/c": {"d~": 2}}},
        [{"kind": "value", "path": "/a/b~1c/d~0", "before": 1, "after": 2}],
    ),
    "an object that takes the place of something else is told as a whole": (
        {"a": 1},
        {"a": {"b": 1}},
        [{"kind": "value", "path": "/a", "before": 1, "after": {"b": 1}}],
    ),
    "of an array the elements that come and go are told, each as often": (
        {"a": ["x", "y", "y"]},
        {"a": ["y", "z", "z"]},
        [
            {
                "kind": "elements",
                "path": "/a",
                "before": ["x", "y", "y"],
                "after": ["y", "z", "z"],
                "added": ["z", "z"],
                "removed": ["x", "y"],
            }
        ],
    ),
    "another order of elements is a change without elements": (
        {"a": [1, 2]},
        {"a": [2, 1]},
        [
            {
                "kind": "elements",
                "path": "/a",
                "before": [1, 2],
                "after": [2, 1],
                "added": [],
                "removed": [],
            }
        ],
    ),
    "identifiers come first, then fields, attributes, counts": (
        {},
        {
            "total_revenue": 1,
            "purchases": {"p": {"count": 1}},
            "custom_events": {"e": {"count": 1}},
            "custom_attributes": {"b": 1, "a": 1},
            "first_name": "Ada",
            "email": "a@b.co",
            "external_id": "u",
        },
        [
            {"kind": "value", "path": "/external_id", "after": "u"},
            {"kind": "value", "path": "/email", "after": "a@b.co"},
            {"kind": "value", "path": "/first_name", "after": "Ada"},
            {"kind": "value", "path": "/custom_attributes/a", "after": 1},
            {"kind": "value", "path": "/custom_attributes/b", "after": 1},
            {"kind": "event", "name": "e", "path": "/custom_events/e", "after": {"count": 1}},
            {"kind": "purchase", "name": "p", "path": "/purchases/p", "after": {"count": 1}},
            {"kind": "value", "path": "/total_revenue", "after": 1},
        ],
    ),
    "a count is told whole": (
        {"custom_events": {"e": {"count": 1, "first": "x", "last": "x"}}},
        {"custom_events": {"e": {"count": 2, "first": "x", "last": "y"}}},
        [
            {
                "kind": "event",
                "name": "e",
                "path": "/custom_events/e",
                "before": {"count": 1, "first": "x", "last": "x"},
                "after": {"count": 2, "first": "x", "last": "y"},
            }
        ],
    ),
}


@pytest.mark.parametrize(("before", "after", "told"), CASES.values(), ids=CASES.keys())
def test_changes(before: dict[str, Any], after: dict[str, Any], told: list[dict[str, Any]]) -> None:
    assert [change.as_json() for change in compare(before, after)] == told
