"""Custom attributes (braze.md §2.1, *attributes object*, *nested objects*): one row a rule.

The tag behind a rule's name is its evidence: [D] documented, [O] documented once, [I] inferred, [ours]
where the documentation is silent and transformer/README.md says why.
"""

from typing import Any

import pytest

from tests.support.rules import POINTER, applied, profile_with
from transformer.delivery import Problem

PETS = [{"id": 1, "name": "Rex"}, {"id": 2, "name": "Tom"}]


def one(key: str, value: Any, **new: Any) -> dict[str, Any]:
    return {"$identifier_key": key, "$identifier_value": value} | (
        {"$new_object": new} if new else {}
    )


SCALARS = [
    pytest.param({}, {"a": True}, {"a": True}, id="a boolean is kept [D]"),
    pytest.param({}, {"a": 7}, {"a": 7}, id="an integer is kept [D]"),
    pytest.param({}, {"a": 2.5}, {"a": 2.5}, id="a float is kept [D]"),
    pytest.param({}, {"a": "pro"}, {"a": "pro"}, id="a string is kept [D]"),
    pytest.param({}, {"a": "x" * 255}, {"a": "x" * 255}, id="a string of 255 characters fits [D]"),
    pytest.param({"a": 1}, {"a": ""}, {"a": ""}, id="a blank string is stored [D]"),
    pytest.param({"a": 1, "b": 2}, {"a": None}, {"b": 2}, id="null removes the attribute [D]"),
    pytest.param({}, {"a": None}, {}, id="null for what is not there does nothing [D]"),
    pytest.param({"a": "x"}, {"a": 2.5}, {"a": 2.5}, id="a value of another type replaces [D]"),
    pytest.param({}, {"  a ": 1}, {"a": 1}, id="spaces around a name are stripped [D]"),
    pytest.param(
        {"Plan": 1}, {"plan": 2}, {"Plan": 1, "plan": 2}, id="names differ by their case [D]"
    ),
    pytest.param({}, {"n" * 255: 1}, {"n" * 255: 1}, id="a name of 255 characters fits [D]"),
    pytest.param({}, {"a.b": 1, "$c": 2}, {"a.b": 1, "$c": 2}, id="names may have dots [ours]"),
    pytest.param(
        {},
        {"external_id": "u1", "_update_existing_only": True, "_merge_objects": None},
        {},
        id="identifiers and flags are no attributes [D]",
    ),
    pytest.param({"n": 5}, {"n": {"inc": 2}}, {"n": 7}, id="inc adds to an integer [D]"),
    pytest.param({"n": 5}, {"n": {"inc": -6}}, {"n": -1}, id="inc by less than 0 subtracts [D]"),
    pytest.param({}, {"n": {"inc": 3}}, {"n": 3}, id="inc of nothing begins at 0 [I]"),
    pytest.param({"n": 1.5}, {"n": {"inc": 1}}, {"n": 2.5}, id="inc adds to a float [I]"),
    pytest.param({"n": 1}, {"n": {"inc": 2.0}}, {"n": 3}, id="inc by 2.0 is inc by 2 [ours]"),
    pytest.param(
        {}, {"a": {"inc": 1, "b": 2}}, {"a": {"inc": 1, "b": 2}}, id="inc with a key is an object"
    ),
]

TIMES = [
    pytest.param("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z", id="ISO 8601 [D]"),
    pytest.param("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z", id="ISO 8601, zone [D]"),
    pytest.param(
        "2026-01-02T03:04:05:678Z",
        "2026-01-02T03:04:05.678Z",
        id="yyyy-MM-ddTHH:mm:ss:SSSZ [D]",
    ),
    pytest.param(
        "2026-01-02T03:04:05:678+0200",
        "2026-01-02T01:04:05.678Z",
        id="yyyy-MM-ddTHH:mm:ss:SSSZ with a zone [D]",
    ),
    pytest.param("2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z", id="yyyy-MM-ddTHH:mm:ss [D]"),
    pytest.param("2026-01-02 03:04:05", "2026-01-02T03:04:05.000Z", id="yyyy-MM-dd HH:mm:ss [D]"),
    pytest.param("2026-01-02", "2026-01-02T00:00:00.000Z", id="yyyy-MM-dd: midnight, UTC [D]"),
    pytest.param("01/02/2026", "2026-01-02T00:00:00.000Z", id="MM/dd/yyyy: midnight, UTC [D]"),
    pytest.param(
        "Fri 01 02 03:04:05.+02:00 2026",
        "2026-01-02T01:04:05.000Z",
        id="ddd MM dd HH:mm:ss.TZD YYYY [D]",
    ),
    pytest.param(
        "Fri 01 02 03:04:05.Z 2026",
        "2026-01-02T03:04:05.000Z",
        id="ddd MM dd HH:mm:ss.TZD YYYY, TZD is Z [D]",
    ),
    pytest.param("3000-12-31", "3000-12-31T00:00:00.000Z", id="the year 3000 is a time [D]"),
    pytest.param("3001-01-01", "3001-01-01", id="after the year 3000 it stays a string [D]"),
    pytest.param("-0001-01-01", "-0001-01-01", id="before the year 0 it stays a string [D]"),
    pytest.param("0000-01-01", "0000-01-01", id="the year 0 stays a string [ours]"),
    pytest.param("2026-02-30", "2026-02-30", id="a day of no calendar stays a string [I]"),
    pytest.param("20260102", "20260102", id="digits alone stay a string [ours]"),
    pytest.param("2026-W01-5", "2026-W01-5", id="a day of a week stays a string [ours]"),
    pytest.param("1/2/2026", "1/2/2026", id="M/d/yyyy stays a string [D]"),
    pytest.param("sale: 2026-01-02", "sale: 2026-01-02", id="a date in a text stays a string [D]"),
]

ARRAYS = [
    pytest.param({}, {"a": []}, {"a": []}, id="an empty array is kept [D]"),
    pytest.param({}, {"a": ["x", 1, 2.5]}, {"a": ["x", 1, 2.5]}, id="scalars may be mixed [D]"),
    pytest.param({}, {"a": ["x", "y", "x"]}, {"a": ["x", "y"]}, id="values are unique [D]"),
    pytest.param({}, {"a": [1, True]}, {"a": [1, True]}, id="true is not 1"),
    pytest.param({"a": ["x"]}, {"a": ["y"]}, {"a": ["y"]}, id="an array replaces an array [D]"),
    pytest.param({"a": ["x"]}, {"a": {"add": ["y"]}}, {"a": ["x", "y"]}, id="add appends [D]"),
    pytest.param({}, {"a": {"add": ["x"]}}, {"a": ["x"]}, id="add to nothing makes the array [D]"),
    pytest.param(
        {"a": ["x", "y"]},
        {"a": {"add": ["x"]}},
        {"a": ["y", "x"]},
        id="what is added again moves to the end [D]",
    ),
    pytest.param(
        {"a": ["x", "y"]}, {"a": {"remove": ["x"]}}, {"a": ["y"]}, id="remove takes out [D]"
    ),
    pytest.param(
        {"a": ["x"]}, {"a": {"remove": ["z"]}}, {"a": ["x"]}, id="remove of what is not there [D]"
    ),
    pytest.param({}, {"a": {"remove": ["z"]}}, {}, id="remove from nothing makes no array [I]"),
    pytest.param(
        {"a": ["x", "y"]},
        {"a": {"remove": ["x"], "add": ["z"]}},
        {"a": ["y", "z"]},
        id="add and remove may stand together [D]",
    ),
    pytest.param(
        {"a": ["x"]},
        {"a": {"remove": ["y"], "add": ["y"]}},
        {"a": ["x"]},
        id="add comes before remove [ours]",
    ),
    pytest.param(
        {"a": list(range(500))},
        {"a": {"add": [500]}},
        {"a": list(range(1, 501))},
        id="of 501 elements the oldest goes [D]",
    ),
    pytest.param(
        {"a": ["x" * 255]},
        {"a": {"remove": ["x" * 300]}},
        {"a": []},
        id="what was cut is found by what it was cut from [ours]",
    ),
    pytest.param(
        {"a": list(range(500))},
        {"a": {"remove": list(range(1, 502))}},
        {"a": [0]},
        id="any number of elements may be removed [I]",
    ),
    pytest.param({}, {"a": {"add": "x"}}, {"a": {"add": "x"}}, id="add of no array is an object"),
]

OBJECTS = [
    pytest.param({}, {"o": {}}, {"o": {}}, id="an empty object is kept [D]"),
    pytest.param({"o": {"a": 1}}, {"o": {"b": 2}}, {"o": {"b": 2}}, id="an object replaces [D]"),
    pytest.param(
        {"o": {"a": 1, "deep": {"x": 1}}},
        {"o": {"b": 2, "deep": {"y": 2}}, "_merge_objects": True},
        {"o": {"a": 1, "b": 2, "deep": {"x": 1, "y": 2}}},
        id="_merge_objects merges level by level [D]",
    ),
    pytest.param(
        {"o": {"a": [1], "b": {"x": 1}}},
        {"o": {"a": [2], "b": 3}, "_merge_objects": True},
        {"o": {"a": [2], "b": 3}},
        id="_merge_objects replaces all but objects [D]",
    ),
    pytest.param(
        {"o": {"a": 1}},
        {"o": {"b": 2}, "_merge_objects": False},
        {"o": {"b": 2}},
        id="_merge_objects: false replaces [D]",
    ),
    pytest.param(
        {"o": "text"},
        {"o": {"b": 2}, "_merge_objects": True},
        {"o": {"b": 2}},
        id="an object merged into a string replaces it [I]",
    ),
    pytest.param({"o": {"a": 1}}, {"o": None}, {}, id="null removes an object [D]"),
    pytest.param(
        {},
        {"o": {"at": {"$time": "2026-01-02"}}},
        {"o": {"at": "2026-01-02T00:00:00.000Z"}},
        id="$time is a time inside an object [D]",
    ),
    pytest.param(
        {},
        {"o": {"at": "2026-01-02"}},
        {"o": {"at": "2026-01-02"}},
        id="without $time a string [D]",
    ),
    pytest.param(
        {},
        {"at": {"$time": "2026-01-02T00:00:00Z"}},
        {"at": "2026-01-02T00:00:00.000Z"},
        id="$time as the whole attribute [I]",
    ),
    pytest.param(
        {},
        {"o": {"tags": ["x", "x"], "n": [{"k": [1]}]}},
        {"o": {"tags": ["x", "x"], "n": [{"k": [1]}]}},
        id="arrays inside an object are kept as they are [D]",
    ),
    pytest.param({}, {"o": {"k" * 255: 1}}, {"o": {"k" * 255: 1}}, id="a key of 255 fits [D]"),
]

ARRAYS_OF_OBJECTS = [
    pytest.param({}, {"pets": PETS}, {"pets": PETS}, id="an array of objects is kept [D]"),
    pytest.param(
        {}, {"pets": [PETS[0]] * 2}, {"pets": [PETS[0]] * 2}, id="its elements may repeat [D]"
    ),
    pytest.param(
        {"pets": PETS[:1]}, {"pets": {"$add": PETS[1:]}}, {"pets": PETS}, id="$add appends [D]"
    ),
    pytest.param({}, {"pets": {"$add": PETS}}, {"pets": PETS}, id="$add to nothing [D]"),
    pytest.param(
        {"pets": [{"n": n} for n in range(600)]},
        {"pets": {"$add": [{"n": 600}]}},
        {"pets": [{"n": n} for n in range(601)]},
        id="no number of objects is too many [D]",
    ),
    pytest.param(
        {"pets": [*PETS, {"id": 1}]},
        {"pets": {"$remove": [one("id", 1)]}},
        {"pets": PETS[1:]},
        id="$remove removes all that match [D]",
    ),
    pytest.param(
        {"pets": [{"id": True}, {"id": 1}, {"name": "Rex"}]},
        {"pets": {"$remove": [one("id", 1)]}},
        {"pets": [{"id": True}, {"name": "Rex"}]},
        id="$remove leaves what lacks the key or differs",
    ),
    pytest.param({}, {"pets": {"$remove": [one("id", 1)]}}, {}, id="$remove from nothing [I]"),
    pytest.param(
        {"pets": PETS},
        {"pets": {"$update": [one("id", 2, age=3)]}, "_merge_objects": True},
        {"pets": [PETS[0], {"id": 2, "name": "Tom", "age": 3}]},
        id="$update with _merge_objects merges [D]",
    ),
    pytest.param(
        {"pets": PETS},
        {"pets": {"$update": [one("id", 2, id=2)]}},
        {"pets": [PETS[0], {"id": 2}]},
        id="$update without _merge_objects replaces [D]",
    ),
    pytest.param(
        {"pets": [{"id": 1, "home": {"city": "Paris"}}]},
        {"pets": {"$update": [one("id", 1, home={"floor": 2})]}, "_merge_objects": True},
        {"pets": [{"id": 1, "home": {"city": "Paris", "floor": 2}}]},
        id="$update merges level by level [D]",
    ),
    pytest.param(
        {"pets": PETS},
        {"pets": {"$update": [one("id", 9, age=3)]}, "_merge_objects": True},
        {"pets": PETS},
        id="$update of nobody changes nothing [D]",
    ),
    pytest.param(
        {},
        {
            "pets": {
                "$update": [one("id", 2, name="Kit")],
                "$remove": [one("id", 1)],
                "$add": PETS,
            },
            "_merge_objects": True,
        },
        {"pets": [{"id": 2, "name": "Kit"}]},
        id="$add comes before $remove before $update [D]",
    ),
    pytest.param(
        {"pets": PETS},
        {"pets": {"$remove": [one("id", 1)], "$add": [{"id": 1}]}},
        {"pets": PETS[1:]},
        id="so no $remove and $add make an upsert [D]",
    ),
]


@pytest.mark.parametrize(
    ("held", "described", "after"), [*SCALARS, *ARRAYS, *OBJECTS, *ARRAYS_OF_OBJECTS]
)
def test_an_attribute_changes_as_the_rule_says(
    held: dict[str, Any], described: dict[str, Any], after: dict[str, Any]
) -> None:
    profile = profile_with(held)
    assert applied(profile, described) == []
    assert profile.custom_attributes == after


@pytest.mark.parametrize(("given", "kept"), TIMES)
def test_a_time_is_found_from_the_data(given: str, kept: str) -> None:
    profile = profile_with({})
    assert applied(profile, {"a": given}) == []
    assert profile.custom_attributes == {"a": kept}


@pytest.mark.parametrize(
    ("described", "after", "warning"),
    [
        pytest.param(
            {"a": "x" * 256},
            {"a": "x" * 255},
            ("text_too_long", "/a"),
            id="a string of 256 characters [D]",
        ),
        pytest.param(
            {"a": ["y", "x" * 256]},
            {"a": ["y", "x" * 255]},
            ("text_too_long", "/a/1"),
            id="a long string in an array [D]",
        ),
        pytest.param(
            {"a": {"add": ["x" * 256]}},
            {"a": ["x" * 255]},
            ("text_too_long", "/a/add/0"),
            id="a long string that is added [D]",
        ),
        pytest.param(
            {"o": {"p": {"q": "x" * 256}}},
            {"o": {"p": {"q": "x" * 255}}},
            ("text_too_long", "/o/p/q"),
            id="a long string in an object [D]",
        ),
        pytest.param(
            {"a": list(range(501))},
            {"a": list(range(1, 501))},
            ("array_too_long", "/a"),
            id="an array of 501 elements: the first goes [D]",
        ),
    ],
)
def test_what_is_cut_is_told(
    described: dict[str, Any], after: dict[str, Any], warning: tuple[str, str]
) -> None:
    profile = profile_with({})
    assert applied(profile, described) == [warning]
    assert profile.custom_attributes == after


LARGE = {f"k{n}": "x" * 250 for n in range(420)}


@pytest.mark.parametrize(
    ("described", "warning"),
    [
        pytest.param(
            {"o": {"p": [{"q": None}]}},
            ("invalid_nested_value", "/o/p/0/q"),
            id="null inside an object [D]",
        ),
        pytest.param(
            {"o": [{"a": None}]}, ("invalid_nested_value", "/o/0/a"), id="null in an array [D]"
        ),
        pytest.param(
            {"o": {"a": {"$time": None}}}, ("invalid_time", "/o/a/$time"), id="$time: null [D]"
        ),
        pytest.param(
            {"o": {"a": {"$time": "soon"}}}, ("invalid_time", "/o/a/$time"), id="a bad $time [D]"
        ),
        pytest.param(
            {"o": {"a": {"$time": "3001-01-01"}}},
            ("invalid_time", "/o/a/$time"),
            id="$time after the year 3000 [D]",
        ),
        pytest.param(
            {"o": {"a": {"$time": "2026-01-01", "b": 1}}},
            ("invalid_key", "/o/a/$time"),
            id="$time beside another key [I]",
        ),
        pytest.param({"o": {"a b": 1}}, ("invalid_key", "/o/a b"), id="a space in a key [D]"),
        pytest.param({"o": {"a.b": 1}}, ("invalid_key", "/o/a.b"), id="a dot in a key [D]"),
        pytest.param({"o": {"$a": 1}}, ("invalid_key", "/o/$a"), id="a dollar sign in a key [D]"),
        pytest.param({"o": {"": 1}}, ("invalid_key", "/o/"), id="an empty key [I]"),
        pytest.param(
            {"o": {"k" * 256: 1}}, ("invalid_key", f"/o/{'k' * 256}"), id="a key of 256 [D]"
        ),
        pytest.param(
            {"o": [1, {"a": 1}]}, ("invalid_element", "/o/1"), id="scalars beside objects [D]"
        ),
        pytest.param({"o": [[1]]}, ("invalid_element", "/o/0"), id="an array in an array [D]"),
        pytest.param({"o": [1, None]}, ("invalid_element", "/o/1"), id="null among scalars [I]"),
        pytest.param(
            {"a": {"add": ["x", None]}}, ("invalid_element", "/a/add/1"), id="null is added [I]"
        ),
        pytest.param(
            {"a": {"remove": [{}]}}, ("invalid_element", "/a/remove/0"), id="an object removed [I]"
        ),
        pytest.param({"o": LARGE}, ("value_too_large", "/o"), id="an object over 100 KB [D]"),
        pytest.param(
            {"o": [f"{n:0255}" for n in range(410)]},
            ("value_too_large", "/o"),
            id="an array over 100 KB [D]",
        ),
        pytest.param(
            {"o": LARGE, "_merge_objects": True},
            ("value_too_large", "/o"),
            id="an object that grows over 100 KB [D]",
        ),
        pytest.param({"": 1}, ("invalid_name", "/"), id="no name [D]"),
        pytest.param({"n" * 256: 1}, ("invalid_name", f"/{'n' * 256}"), id="a name of 256 [D]"),
        pytest.param(
            {" external_id ": "u2"},
            ("reserved_name", "/ external_id "),
            id="an identifier with spaces around [ours]",
        ),
    ],
)
def test_what_is_dropped_is_told_with_its_place_and_the_rest_is_applied(
    described: dict[str, Any], warning: tuple[str, str]
) -> None:
    profile = profile_with({"o": {"kept": True}})
    assert applied(profile, {**described, "other": 1}) == [warning]
    assert profile.custom_attributes == {"o": {"kept": True}, "other": 1}


def test_one_bad_value_drops_all_updates_of_its_attribute_and_of_no_other() -> None:
    profile = profile_with({"pets": PETS, "home": {"city": "Paris"}})
    described = {
        "pets": {
            "$add": [{"id": 3}],
            "$remove": [one("id", 1)],
            "$update": [one("id", 2, age=None, name="Kit")],
        },
        "home": {"floor": 2},
        "_merge_objects": True,
    }
    warning = ("invalid_nested_value", "/pets/$update/0/$new_object/age")
    assert applied(profile, described) == [warning]
    assert profile.custom_attributes == {"pets": PETS, "home": {"city": "Paris", "floor": 2}}


def test_an_object_is_refused_beyond_fifty_levels_and_not_by_a_crash() -> None:
    deep: Any = 1
    for _ in range(300):
        deep = {"a": deep}
    profile = profile_with({})
    assert applied(profile, {"o": deep}) == [("invalid_nested_value", "/o" + "/a" * 50)]


@pytest.mark.parametrize(
    ("held", "described", "code", "place"),
    [
        pytest.param(
            {"n": "x"}, {"n": {"inc": 1}}, "invalid_increment", "/n", id="inc of a string"
        ),
        pytest.param(
            {"n": True}, {"n": {"inc": 1}}, "invalid_increment", "/n", id="inc of a boolean"
        ),
        pytest.param({}, {"n": {"inc": "1"}}, "invalid_increment", "/n/inc", id="inc by a string"),
        pytest.param({}, {"n": {"inc": None}}, "invalid_increment", "/n/inc", id="inc by null"),
        pytest.param({}, {"n": {"inc": 1.5}}, "invalid_increment", "/n/inc", id="inc by a part"),
        pytest.param(
            {"n": 2**63 - 1}, {"n": {"inc": 1}}, "invalid_increment", "/n", id="inc beyond 64 bits"
        ),
        pytest.param(
            {"n": "x"}, {"n": {"add": ["y"]}}, "invalid_array_operation", "/n", id="add to a string"
        ),
        pytest.param(
            {"n": PETS}, {"n": {"add": ["y"]}}, "invalid_array_operation", "/n", id="add to objects"
        ),
        pytest.param(
            {"n": ["y"]},
            {"n": {"$add": PETS}},
            "invalid_array_operation",
            "/n",
            id="$add to scalars",
        ),
        pytest.param(
            {}, {"n": {"$add": ["y"]}}, "invalid_array_operation", "/n/$add", id="$add of scalars"
        ),
        pytest.param(
            {},
            {"n": {"$add": [{"$time": "2026-01-02"}]}},
            "invalid_array_operation",
            "/n/$add",
            id="$add of a time",
        ),
        pytest.param(
            {},
            {"n": {"$remove": [{"id": 1}]}},
            "invalid_array_operation",
            "/n/$remove/0",
            id="$remove without $identifier_key",
        ),
        pytest.param(
            {"n": PETS},
            {"n": {"$update": [one("id", 1, name="Kit"), one("id", 2)]}},
            "invalid_array_operation",
            "/n/$update/1",
            id="$update without $new_object",
        ),
        pytest.param(
            {},
            {"_merge_objects": "true"},
            "invalid_flag",
            "/_merge_objects",
            id="_merge_objects that is a string [ours]",
        ),
    ],
)
def test_a_change_that_cannot_be_made_rejects_its_object(
    held: dict[str, Any], described: dict[str, Any], code: str, place: str
) -> None:
    profile = profile_with(held)
    problem = applied(profile, {"before": 1, **described, "behind": 1})
    assert isinstance(problem, Problem)
    assert (problem.code, problem.pointer) == (code, POINTER + place)
    assert profile.custom_attributes == held


@pytest.mark.parametrize(
    ("held", "described", "after"),
    [
        pytest.param({"n": 5}, {"n": {"inc": 2}}, {"n": 5}, id="inc is left out"),
        pytest.param({"a": ["x"]}, {"a": {"add": ["x"]}}, {"a": ["x"]}, id="add is given again"),
        pytest.param({"pets": PETS}, {"pets": {"$add": PETS}}, {"pets": PETS}, id="$add left out"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 2}, id="a value is set again"),
        pytest.param({"a": 1}, {"a": None}, {}, id="a value is removed again"),
    ],
)
def test_what_was_applied_before_counts_nothing_twice(
    held: dict[str, Any], described: dict[str, Any], after: dict[str, Any]
) -> None:
    profile = profile_with(held)
    assert applied(profile, described, counting=False) == []
    assert profile.custom_attributes == after


def test_a_pointer_escapes_the_names_it_goes_by() -> None:
    assert applied(profile_with({}), {"a/b~c": {"d/e": None}}) == [
        ("invalid_nested_value", "/a~1b~0c/d~1e")
    ]
