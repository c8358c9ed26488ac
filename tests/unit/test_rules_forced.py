"""Forced types and blocked names (braze.md §2.1, *attributes object*): one row a rule.

The tag behind a rule's name is its evidence: [D] documented, [ours] where the documentation is silent
and transformer/README.md says why.
"""

from typing import Any

import pytest

from tests.support.rules import POINTER, profile_with, said
from transformer.delivery import Problem
from transformer.operation import JsonObject, Kind
from transformer.rules import BlockedKind, BlockedName, ForcedType, rules_of
from transformer.writer.attributes import read_change, write_change
from transformer.writer.provenance import ProfileChanges
from transformer.writer.rules import under_rules

S, N, B, T, A, O = ForcedType  # noqa: E741 - in the order in which they are told


def row(forced: ForcedType, given: Any, kept: Any, rule: str) -> Any:
    return pytest.param(forced, given, kept, id=f"{forced}: {rule}")


def gone(forced: ForcedType, given: Any, rule: str) -> Any:
    return pytest.param(forced, given, id=f"{forced}: {rule}")


COERCED = [
    row(S, "pro", "pro", "a string stays [D]"),
    row(S, 42, "42", "an integer is written out [D]"),
    row(S, -1.5, "-1.5", "a float is written out [D]"),
    row(S, True, "true", "a boolean is written out [D]"),
    row(S, "2026-01-02", "2026-01-02", "what looks like a time stays as it was sent [D]"),
    row(S, "x" * 300, "x" * 255, "a long string is cut as ever [D]"),
    row(N, 42, 42, "an integer stays [D]"),
    row(N, 2.5, 2.5, "a float stays [D]"),
    row(N, "42", 42, "digits are an integer [D]"),
    row(N, " -2.5 ", -2.5, "a decimal with spaces around it is a float [ours]"),
    row(B, True, True, "true stays [D]"),
    row(B, False, False, "false stays [D]"),
    row(B, 1, True, "1 is true [D]"),
    row(B, 0, False, "0 is false [D]"),
    row(B, "1", True, "the text 1 is true [D]"),
    row(B, "0", False, "the text 0 is false [D]"),
    row(B, "TRUE", True, "true in any case [D]"),
    row(B, "T", True, "t in any case is true [D]"),
    row(B, "False", False, "false in any case [D]"),
    row(B, "f", False, "f in any case is false [D]"),
    row(T, "2026-01-02", "2026-01-02T00:00:00.000Z", "a documented form [D]"),
    row(T, "20260102", "2026-01-02T00:00:00.000Z", "a form that is else no time [ours]"),
    row(T, {"$time": "2026-01-02"}, "2026-01-02T00:00:00.000Z", "$time [ours]"),
    row(A, ["x", "y", "x"], ["x", "y"], "an array of scalars, as ever [D]"),
    row(A, [{"id": 1}], [{"id": 1}], "an array of objects [D]"),
    row(A, {"add": ["x"]}, ["x"], "add [ours]"),
    row(A, {"$add": [{"id": 1}]}, [{"id": 1}], "$add [ours]"),
    row(O, {"k": 1}, {"k": 1}, "an object stays [D]"),
    row(O, {"inc": 1, "b": 2}, {"inc": 1, "b": 2}, "inc with another key is an object [ours]"),
    row(N, {"inc": 2}, 2, "inc [ours]"),
]

DROPPED = [
    gone(S, ["x"], "an array is dropped [D]"),
    gone(S, {"k": 1}, "an object is dropped [D]"),
    gone(S, {"inc": 1}, "inc is dropped [ours]"),
    gone(N, "12 apples", "letters are dropped [D]"),
    gone(N, "", "a blank string is dropped [ours]"),
    gone(N, "007", "what does not read back is dropped [ours]"),
    gone(N, True, "a boolean is dropped [ours]"),
    gone(N, {"add": [1]}, "add is dropped [ours]"),
    gone(B, "yes", "another word is dropped [D]"),
    gone(B, 2, "another number is dropped [D]"),
    gone(B, {"inc": 1}, "inc is dropped [ours]"),
    gone(T, "soon", "a text that is no time is dropped [D]"),
    gone(T, 1767312000, "seconds since 1970 are dropped [ours]"),
    gone(T, {"$time": "soon"}, "$time that is none is dropped [ours]"),
    gone(A, "x", "a scalar is dropped [D]"),
    gone(A, {"k": 1}, "an object is dropped [D]"),
    gone(A, {"inc": 1}, "inc is dropped [ours]"),
    gone(O, "x", "a scalar is dropped [D]"),
    gone(O, [{"k": 1}], "an array of objects is dropped [D]"),
    gone(O, {"$update": []}, "$update is dropped [ours]"),
    gone(O, {"$time": "2026-01-02"}, "$time is dropped [ours]"),
]


def _after(
    described: JsonObject, held: JsonObject, **forced: ForcedType
) -> tuple[JsonObject, list[Problem]]:
    rules = rules_of(forced, [BlockedName(BlockedKind.ATTRIBUTE, "ssn")])
    assert rules is not None
    ruled = under_rules(rules, Kind.ATTRIBUTES, described, pointer=POINTER)
    assert not isinstance(ruled, Problem)
    profile = profile_with(held)
    change = read_change(
        profile, ruled.described, pointer=POINTER, counting=True, texts=ruled.texts
    )
    assert not isinstance(change, Problem)
    write_change(ProfileChanges(profile, created=False), change)
    return profile.custom_attributes, [*ruled.warnings, *change.warnings]


@pytest.mark.parametrize(("forced", "given", "kept"), COERCED)
def test_a_value_is_coerced_to_the_forced_type(forced: ForcedType, given: Any, kept: Any) -> None:
    held, warnings = _after({"external_id": "u1", "a": given, "b": 1}, {}, a=forced)
    assert held == {"a": kept, "b": 1}
    assert type(held["a"]) is type(kept)
    assert [problem.code for problem in warnings if problem.code != "text_too_long"] == []


@pytest.mark.parametrize(("forced", "given"), DROPPED)
def test_a_value_of_another_type_is_dropped_and_told(forced: ForcedType, given: Any) -> None:
    # What the attribute held stays, whatever its type: old values are left alone.
    held, warnings = _after({"a": given, "b": 1}, {"a": [False, "old"]}, a=forced)
    assert held == {"a": [False, "old"], "b": 1}
    assert said(warnings, POINTER) == [("unfit_type", "/a")]
    assert "expected" in warnings[0].message
    assert "PUT /api/attribute-types" in warnings[0].hint


NAMES = [
    pytest.param({"a": None}, {}, [], id="null removes what is forced [ours]"),
    pytest.param({" a ": "7"}, {"a": 7}, [], id="spaces around a forced name do not help [D]"),
    pytest.param(
        {"ssn": "1"}, {"a": 1}, [("blocked_name", "/ssn")], id="a blocked one is left [D]"
    ),
    pytest.param(
        {" ssn ": "1"}, {"a": 1}, [("blocked_name", "/ ssn ")], id="spaces around it, too [D]"
    ),
    pytest.param({"ssn": None}, {"a": 1}, [("blocked_name", "/ssn")], id="null for it, too [ours]"),
    pytest.param({"SSN": "1"}, {"a": 1, "SSN": "1"}, [], id="names differ by their case [D]"),
    pytest.param({"b": "x"}, {"a": 1, "b": "x"}, [], id="another name is left alone [D]"),
]


@pytest.mark.parametrize(("described", "after", "told"), NAMES)
def test_rules_go_by_names(
    described: JsonObject, after: JsonObject, told: list[tuple[str, str]]
) -> None:
    held, warnings = _after(described, {"a": 1}, a=N)
    assert (held, said(warnings, POINTER)) == (after, told)


BLOCKED = rules_of(
    {},
    [
        BlockedName(BlockedKind.EVENT, "seen"),
        BlockedName(BlockedKind.PRODUCT, "mug"),
        BlockedName(BlockedKind.EVENT_PROPERTY, "ip", "bought"),
        BlockedName(BlockedKind.PRODUCT_PROPERTY, "ip", "cup"),
    ],
)
_EVENT, _PURCHASE = Kind.EVENT, Kind.PURCHASE
BOTH = {"ip": 1, "ok": 2}
HAPPENED = [
    pytest.param(_EVENT, {"name": "seen"}, None, ["/name"], id="a blocked event [D]"),
    pytest.param(_EVENT, {"name": "mug"}, {"name": "mug"}, [], id="a product's name is no event's"),
    pytest.param(_PURCHASE, {"product_id": "mug"}, None, ["/product_id"], id="a product [D]"),
    pytest.param(
        _PURCHASE, {"product_id": "seen"}, {"product_id": "seen"}, [], id="and the other way round"
    ),
    pytest.param(
        _EVENT,
        {"name": "bought", "properties": BOTH},
        {"name": "bought", "properties": {"ok": 2}},
        ["/properties/ip"],
        id="a property of an event [D]",
    ),
    pytest.param(
        _PURCHASE,
        {"product_id": "cup", "properties": BOTH},
        {"product_id": "cup", "properties": {"ok": 2}},
        ["/properties/ip"],
        id="a property of a product [D]",
    ),
    pytest.param(
        _EVENT,
        {"name": "cup", "properties": BOTH},
        {"name": "cup", "properties": BOTH},
        [],
        id="the same property of another [D]",
    ),
    pytest.param(
        _EVENT, {"name": 7}, {"name": 7}, [], id="what is no name is the reader's to tell"
    ),
]


@pytest.mark.parametrize(("kind", "described", "left", "pointers"), HAPPENED)
def test_events_and_purchases_lose_what_is_blocked(
    kind: Kind, described: JsonObject, left: JsonObject | None, pointers: list[str]
) -> None:
    assert BLOCKED is not None
    ruled = under_rules(BLOCKED, kind, described, pointer=POINTER)
    if isinstance(ruled, Problem):
        assert left is None
        warnings = [ruled]
    else:
        assert ruled.described == left
        warnings = list(ruled.warnings)
    assert said(warnings, POINTER) == [("blocked_name", pointer) for pointer in pointers]


def test_a_workspace_that_rules_nothing_has_no_rules() -> None:
    assert rules_of() is None
