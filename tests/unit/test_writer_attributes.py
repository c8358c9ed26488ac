"""Attributes objects: one row a rule of the reference."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transformer.delivery import Problem
from transformer.writer.attributes import Change, read_change, write_change
from transformer.writer.profile import Profile, new_profile
from transformer.writer.values import Fault, incremented, merged, with_elements, with_objects

NOW = "2026-03-01T12:00:00.000Z"
PETS = [{"id": 1, "name": "Rex"}, {"id": 2, "name": "Tom"}]


def _profile(held: dict[str, Any]) -> Profile:
    profile = new_profile(now=NOW, external_id="u1")
    profile.custom_attributes = dict(held)
    return profile


def _change(held: dict[str, Any], described: dict[str, Any], *, counting: bool = True) -> Change:
    change = read_change(_profile(held), described, pointer="/attributes/0", counting=counting)
    assert isinstance(change, Change)
    return change


def _after(
    held: dict[str, Any], described: dict[str, Any], *, counting: bool = True
) -> dict[str, Any]:
    profile = _profile(held)
    change = read_change(profile, described, pointer="/attributes/0", counting=counting)
    assert isinstance(change, Change)
    write_change(profile, change)
    return profile.custom_attributes


@pytest.mark.parametrize(
    ("held", "described", "after"),
    [
        pytest.param({}, {"plan": "pro"}, {"plan": "pro"}, id="a string is set"),
        pytest.param({}, {"plan": ""}, {"plan": ""}, id="a blank string is kept"),
        pytest.param({"a": 1}, {"a": 2.5}, {"a": 2.5}, id="a number replaces a number"),
        pytest.param({"a": "x"}, {"a": True}, {"a": True}, id="a value of another type replaces"),
        pytest.param({"a": 1, "b": 2}, {"a": None}, {"b": 2}, id="null removes"),
        pytest.param({}, {"a": None}, {}, id="null for what is not there does nothing"),
        pytest.param({}, {" a ": 1}, {"a": 1}, id="spaces around a name are stripped"),
        pytest.param({"Plan": 1}, {"plan": 2}, {"Plan": 1, "plan": 2}, id="names know their case"),
        pytest.param(
            {},
            {"external_id": "u1", "_update_existing_only": True, "_merge_objects": True},
            {},
            id="identifiers and directives are no attributes",
        ),
        pytest.param({}, {"a": "x" * 300}, {"a": "x" * 255}, id="a long string is cut"),
        pytest.param({"n": 5}, {"n": {"inc": 2}}, {"n": 7}, id="inc adds"),
        pytest.param({"n": 5}, {"n": {"inc": -6}}, {"n": -1}, id="inc subtracts"),
        pytest.param({}, {"n": {"inc": 3}}, {"n": 3}, id="inc of nothing starts at 0"),
        pytest.param({"n": 1.5}, {"n": {"inc": 1}}, {"n": 2.5}, id="inc of a decimal number"),
        pytest.param({}, {"a": []}, {"a": []}, id="an empty array is set"),
        pytest.param({}, {"a": ["x", "y", "x"]}, {"a": ["x", "y"]}, id="an array has no repeats"),
        pytest.param({}, {"a": [1, True]}, {"a": [1, True]}, id="true is not 1"),
        pytest.param(
            {"a": ["x"]}, {"a": {"add": ["y", "z"]}}, {"a": ["x", "y", "z"]}, id="add appends"
        ),
        pytest.param(
            {"a": ["x", "y"]}, {"a": {"add": ["x"]}}, {"a": ["y", "x"]}, id="add again moves to end"
        ),
        pytest.param({}, {"a": {"add": ["x"]}}, {"a": ["x"]}, id="add to nothing"),
        pytest.param({"a": ["x", "y"]}, {"a": {"remove": ["x"]}}, {"a": ["y"]}, id="remove"),
        pytest.param({"a": ["x"]}, {"a": {"remove": ["z"]}}, {"a": ["x"]}, id="remove what is not"),
        pytest.param(
            {"a": ["x", "y"]},
            {"a": {"add": ["z"], "remove": ["x"]}},
            {"a": ["y", "z"]},
            id="add and remove together",
        ),
        pytest.param(
            {"a": list(range(500))},
            {"a": {"add": [500]}},
            {"a": list(range(1, 501))},
            id="the oldest of 501 elements goes",
        ),
        pytest.param(
            {"o": {"a": 1}}, {"o": {"b": 2}}, {"o": {"b": 2}}, id="an object is overwritten"
        ),
        pytest.param(
            {"o": {"a": 1, "deep": {"x": 1}}},
            {"o": {"b": 2, "deep": {"y": 2}}, "_merge_objects": True},
            {"o": {"a": 1, "b": 2, "deep": {"x": 1, "y": 2}}},
            id="an object is merged level by level",
        ),
        pytest.param(
            {"o": "text"},
            {"o": {"b": 2}, "_merge_objects": True},
            {"o": {"b": 2}},
            id="merging into a string overwrites",
        ),
        pytest.param({"o": {"a": 1}}, {"o": None}, {}, id="null removes an object"),
        pytest.param(
            {},
            {"o": {"at": {"$time": "2026-01-02"}}},
            {"o": {"at": "2026-01-02T00:00:00.000Z"}},
            id="$time inside an object",
        ),
        pytest.param(
            {},
            {"at": {"$time": "2026-01-02T00:00:00Z"}},
            {"at": "2026-01-02T00:00:00.000Z"},
            id="$time as an attribute",
        ),
        pytest.param(
            {},
            {"o": {"inc": 1, "corporated": True}},
            {"o": {"inc": 1, "corporated": True}},
            id="inc beside another key is an object",
        ),
        pytest.param({}, {"o": {"add": "lane 1"}}, {"o": {"add": "lane 1"}}, id="add of no array"),
        pytest.param({}, {"o": {}}, {"o": {}}, id="an empty object is set"),
        pytest.param(
            {"pets": PETS[:1]}, {"pets": {"$add": PETS[1:]}}, {"pets": PETS}, id="$add appends"
        ),
        pytest.param({}, {"pets": {"$add": PETS}}, {"pets": PETS}, id="$add to nothing"),
        pytest.param(
            {"pets": [*PETS, {"id": 1}]},
            {"pets": {"$remove": [{"$identifier_key": "id", "$identifier_value": 1}]}},
            {"pets": PETS[1:]},
            id="$remove removes all that match",
        ),
        pytest.param(
            {"pets": PETS},
            {
                "pets": {
                    "$update": [
                        {
                            "$identifier_key": "id",
                            "$identifier_value": 2,
                            "$new_object": {"age": 3},
                        }
                    ]
                },
                "_merge_objects": True,
            },
            {"pets": [PETS[0], {"id": 2, "name": "Tom", "age": 3}]},
            id="$update merges",
        ),
        pytest.param(
            {"pets": PETS},
            {
                "pets": {
                    "$update": [
                        {
                            "$identifier_key": "id",
                            "$identifier_value": 2,
                            "$new_object": {"id": 2},
                        }
                    ]
                }
            },
            {"pets": [PETS[0], {"id": 2}]},
            id="$update without _merge_objects replaces",
        ),
        pytest.param(
            {},
            {
                "pets": {
                    "$update": [
                        {
                            "$identifier_key": "id",
                            "$identifier_value": 2,
                            "$new_object": {"name": "Kit"},
                        }
                    ],
                    "$remove": [{"$identifier_key": "id", "$identifier_value": 1}],
                    "$add": PETS,
                },
                "_merge_objects": True,
            },
            {"pets": [{"id": 2, "name": "Kit"}]},
            id="$add comes before $remove before $update",
        ),
    ],
)
def test_an_attribute_changes_as_the_rule_says(
    held: dict[str, Any], described: dict[str, Any], after: dict[str, Any]
) -> None:
    assert _after(held, described) == after


@pytest.mark.parametrize(
    ("described", "code"),
    [
        pytest.param({"o": {"a": None}}, "invalid_nested_value", id="null inside an object"),
        pytest.param({"o": {"a": {"$time": None}}}, "invalid_time", id="$time without a time"),
        pytest.param({"o": {"a": {"$time": "soon"}}}, "invalid_time", id="$time that is no time"),
        pytest.param(
            {"o": {"a": {"$time": "3001-01-01"}}}, "invalid_time", id="$time after the year 3000"
        ),
        pytest.param({"o": {"a b": 1}}, "invalid_key", id="a space in a key"),
        pytest.param({"o": {"a.b": 1}}, "invalid_key", id="a dot in a key"),
        pytest.param({"o": {"$a": 1}}, "invalid_key", id="a dollar sign in a key"),
        pytest.param({"o": {"k" * 256: 1}}, "invalid_key", id="a key that is too long"),
        pytest.param({"o": [1, {"a": 1}]}, "invalid_element", id="scalars beside objects"),
        pytest.param({"o": [[1]]}, "invalid_element", id="an array in an array"),
        pytest.param({"o": [1, None]}, "invalid_element", id="null in an array"),
        pytest.param({"o": [{"a": None}]}, "invalid_nested_value", id="null in an array's object"),
        pytest.param(
            {"o": {f"k{n}": "x" * 250 for n in range(420)}}, "value_too_large", id="over 100 KB"
        ),
        pytest.param({"": 1}, "invalid_name", id="no name"),
        pytest.param({"n" * 256: 1}, "invalid_name", id="a name that is too long"),
        pytest.param({"phone": "call me"}, "invalid_phone", id="a phone that is none"),
        pytest.param({"country": "Atlantis"}, "invalid_value", id="a country that is none"),
        pytest.param({"dob": "12/31/1990"}, "invalid_value", id="a birthday in another form"),
        pytest.param({"gender": "X"}, "invalid_value", id="a gender of another letter"),
        pytest.param({"first_name": 7}, "invalid_value", id="a first name that is a number"),
        pytest.param({"alias_name": "x"}, "reserved_name", id="an alias as an attribute"),
    ],
)
def test_what_is_dropped_is_told_and_the_rest_is_applied(
    described: dict[str, Any], code: str
) -> None:
    held = {"o": {"kept": True}}
    change = _change(held, {**described, "other": 1})
    assert [warning.code for warning in change.warnings] == [code]
    assert change.custom_attributes == {"other": 1}
    assert change.fields == {}


@pytest.mark.parametrize(
    ("held", "described", "code"),
    [
        pytest.param({"n": "x"}, {"n": {"inc": 1}}, "invalid_increment", id="inc on a string"),
        pytest.param({"n": True}, {"n": {"inc": 1}}, "invalid_increment", id="inc on a boolean"),
        pytest.param({}, {"n": {"inc": "1"}}, "invalid_increment", id="inc by a string"),
        pytest.param({}, {"n": {"inc": 1.5}}, "invalid_increment", id="inc by a part of one"),
        pytest.param(
            {"n": 2**63 - 1}, {"n": {"inc": 1}}, "invalid_increment", id="inc beyond 64 bits"
        ),
        pytest.param({"n": "x"}, {"n": {"add": ["y"]}}, "invalid_array_operation", id="add to str"),
        pytest.param(
            {"n": PETS}, {"n": {"add": ["y"]}}, "invalid_array_operation", id="add to objects"
        ),
        pytest.param(
            {"n": ["y"]}, {"n": {"$add": PETS}}, "invalid_array_operation", id="$add to scalars"
        ),
        pytest.param({}, {"n": {"$add": ["y"]}}, "invalid_array_operation", id="$add of scalars"),
        pytest.param(
            {}, {"n": {"$remove": [{"id": 1}]}}, "invalid_array_operation", id="$remove of no key"
        ),
        pytest.param(
            {},
            {"n": {"$update": [{"$identifier_key": "id", "$identifier_value": 1}]}},
            "invalid_array_operation",
            id="$update without an object",
        ),
        pytest.param({}, {"email": "ada"}, "email_bad_format", id="an email that is none"),
        pytest.param(
            {}, {"email_subscribe": "yes"}, "bad_email_subscription_state", id="email_subscribe"
        ),
        pytest.param({}, {"push_subscribe": 1}, "bad_push_subscription_state", id="push_subscribe"),
        pytest.param(
            {}, {"current_location": {"longitude": 1}}, "bad_location_update", id="half a location"
        ),
        pytest.param(
            {}, {"subscription_groups": "g"}, "bad_subscription_group_array", id="groups, no array"
        ),
        pytest.param(
            {}, {"subscription_groups": [{}]}, "bad_subscription_group_hash", id="an empty group"
        ),
        pytest.param(
            {},
            {"subscription_groups": [{"subscription_group_id": 1, "subscription_state": "x"}]},
            "bad_subscription_group_id",
            id="a group's id that is a number",
        ),
        pytest.param(
            {},
            {"subscription_groups": [{"subscription_group_id": "g", "subscription_state": "x"}]},
            "bad_subscription_group_state",
            id="a group's state that is none",
        ),
        pytest.param({}, {"push_tokens": "t"}, "bad_push_token_value", id="tokens, no array"),
        pytest.param({}, {"push_tokens": [{}]}, "bad_push_token_string", id="a token of nothing"),
        pytest.param(
            {},
            {"push_tokens": [{"token": "t", "device_id": "short"}]},
            "bad_device_id",
            id="a device_id of 5 bytes",
        ),
        pytest.param({}, {"push_token_import": True}, "bad_push_token_import", id="token import"),
        pytest.param(
            {},
            {"email_subscription_info": {}},
            "invalid_attribute_email_subscription_info",
            id="email_subscription_info",
        ),
    ],
)
def test_what_rejects_an_object_changes_nothing(
    held: dict[str, Any], described: dict[str, Any], code: str
) -> None:
    profile = _profile(held)
    problem = read_change(
        profile, {"before": 1, **described}, pointer="/attributes/3", counting=True
    )
    assert isinstance(problem, Problem)
    assert (problem.code, problem.pointer) == (code, f"/attributes/3/{next(iter(described))}")
    assert profile.custom_attributes == held


@pytest.mark.parametrize(
    ("described", "fields"),
    [
        ({"first_name": "Ada"}, {"first_name": "Ada"}),
        ({"country": "fr"}, {"country": "FR"}),
        ({"language": "en-GB"}, {"language": "en"}),
        ({"gender": "female"}, {"gender": "F"}),
        ({"dob": "1990-12-31"}, {"dob": "1990-12-31"}),
        ({"email_subscribe": "opted_in"}, {"email_subscribe": "opted_in"}),
        (
            {"current_location": {"longitude": 2.3, "latitude": 48.8, "note": "x"}},
            {"current_location": {"longitude": 2.3, "latitude": 48.8}},
        ),
        (
            {"date_of_first_session": "2026-01-02"},
            {"date_of_first_session": "2026-01-02T00:00:00.000Z"},
        ),
        ({"email_open_tracking_disabled": True}, {"email_open_tracking_disabled": True}),
        ({"home_city": None}, {"home_city": None}),
        ({"push_token_import": False}, {"push_token_import": None}),
    ],
)
def test_a_reserved_name_is_a_field_and_no_custom_attribute(
    described: dict[str, Any], fields: dict[str, Any]
) -> None:
    change = _change({}, described)
    assert (change.fields, change.custom_attributes, change.warnings) == (fields, {}, [])


def test_a_subscription_group_changes_alone() -> None:
    profile = _profile({})
    for group, state in (("a", "subscribed"), ("b", "subscribed"), ("a", "unsubscribed")):
        given = [{"subscription_group_id": group, "subscription_state": state}]
        change = read_change(
            profile, {"subscription_groups": given}, pointer="/attributes/0", counting=True
        )
        assert isinstance(change, Change)
        write_change(profile, change)
    assert profile.fields["subscription_groups"] == [
        {"subscription_group_id": "a", "subscription_state": "unsubscribed"},
        {"subscription_group_id": "b", "subscription_state": "subscribed"},
    ]


def test_email_and_phone_beside_a_primary_identifier_are_fields() -> None:
    change = _change({}, {"external_id": "u1", "email": "a@b.co", "phone": None})
    assert change.addresses == {"email": "a@b.co", "phone": None}


def test_a_cut_string_is_told() -> None:
    assert [warning.code for warning in _change({}, {"a": "x" * 256}).warnings] == ["text_too_long"]


def test_a_pointer_escapes_the_name_it_points_to() -> None:
    [warning] = _change({}, {"a/b~c": [None]}).warnings
    assert warning.pointer == "/attributes/0/a~1b~0c"


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
    assert _after(held, described, counting=False) == after


scalars = st.one_of(st.text(max_size=5), st.integers(-5, 5), st.booleans())
objects = st.recursive(
    st.dictionaries(st.sampled_from("abc"), scalars, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), st.one_of(scalars, inner), max_size=3),
    max_leaves=8,
)


@given(objects, objects)
def test_merging_twice_is_merging_once(held: dict[str, Any], change: dict[str, Any]) -> None:
    once = merged(held, change)
    assert merged(once, change) == once


@given(objects, objects)
def test_merging_keeps_every_key_of_both(held: dict[str, Any], change: dict[str, Any]) -> None:
    assert merged(held, change).keys() == held.keys() | change.keys()


@given(objects, objects)
def test_merging_leaves_what_it_is_given_alone(
    held: dict[str, Any], change: dict[str, Any]
) -> None:
    before = repr((held, change))
    merged(held, change)
    assert repr((held, change)) == before


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(-1000, 1000)))
def test_increments_add_up(start: int, steps: list[int]) -> None:
    held: Any = start
    for step in steps:
        held = incremented(held, step)
    assert held == start + sum(steps)


arrays = st.lists(scalars, max_size=6)


def _kinds(elements: list[Any]) -> set[tuple[bool, Any]]:
    return {(isinstance(element, bool), element) for element in elements}


@given(arrays, arrays)
def test_what_was_added_stands_at_the_end_in_its_order(held: list[Any], added: list[Any]) -> None:
    base = with_elements(None, add=held, remove=[])
    after = with_elements(base, add=added, remove=[])
    assert isinstance(after, list)
    unique = with_elements(None, add=added, remove=[])
    assert isinstance(unique, list)
    assert after[len(after) - len(unique) :] == unique
    assert _kinds(after) == _kinds(held) | _kinds(added)
    assert len(after) == len(_kinds(after))


@given(arrays, arrays)
def test_what_was_removed_is_gone_and_nothing_else(held: list[Any], gone: list[Any]) -> None:
    after = with_elements(held, add=[], remove=gone)
    assert isinstance(after, list)
    assert _kinds(after) == _kinds(held) - _kinds(gone)


@given(arrays, arrays)
def test_adding_again_changes_nothing(held: list[Any], added: list[Any]) -> None:
    once = with_elements(held, add=added, remove=[])
    assert with_elements(once, add=added, remove=[]) == once


@given(st.lists(objects, max_size=4), st.lists(objects, max_size=4))
def test_adding_objects_appends_them_all(
    held: list[dict[str, Any]], added: list[dict[str, Any]]
) -> None:
    assert with_objects(held, {"$add": added}, merge=False) == held + added


def test_a_fault_is_not_taken_for_an_array() -> None:
    assert isinstance(with_elements("text", add=["x"], remove=[]), Fault)
