"""Laws of attributes, events and purchases that hold for whatever somebody sends.

A store in memory stands for the database: profiles go through their rows between batches, as they do
there. tests/contract/test_writer_apply.py holds the same of the databases, with fewer examples.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.rules import applied, profile_with
from tests.support.settlements import attributes, event, make_settlement, purchase
from transformer.clock import to_text
from transformer.delivery import Problem, State
from transformer.ids import ProfileId, new_workspace_id
from transformer.operation import JsonObject
from transformer.settlement import Settlement
from transformer.store.profiles import Alias, ProfileRow
from transformer.writer.attributes import read_change
from transformer.writer.catalogs import Shelf
from transformer.writer.fields import RESERVED
from transformer.writer.plan import plan_of
from transformer.writer.profile import profile_from_row
from transformer.writer.replays import Repeats
from transformer.writer.roster import Roster
from transformer.writer.settle import Settled, settle
from transformer.writer.wire import as_wire

WORKSPACE = new_workspace_id()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GROUP = "11111111-2222-3333-4444-555555555555"

_SLOWLY = [HealthCheck.too_slow, HealthCheck.data_too_large]
often = settings(max_examples=150, deadline=None, suppress_health_check=_SLOWLY)
thoroughly = settings(max_examples=60, deadline=None, suppress_health_check=_SLOWLY)


class Store:
    """Profiles as their rows; each batch reads all of them."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Any, ...]] = {}
        self.aliases: dict[Alias, ProfileId] = {}

    def apply(self, *batch: Settlement, seconds: int = 0) -> list[Settled]:
        now = to_text(NOW + timedelta(seconds=seconds))
        roster = Roster(
            (profile_from_row(cast("ProfileRow", row)) for row in self.rows.values()),
            aliases=dict(self.aliases),
            now=now,
        )
        shelf = Shelf(catalogs={}, documents={})
        repeats = Repeats(set(), applied={}, tried={})
        settled = [
            settle(plan_of(one), roster=roster, shelf=shelf, repeats=repeats, now=now)
            for one in batch
        ]
        for profile in roster.changed.values():
            of, _workspace, external_id, email, phone, text, *times = profile.as_new_row(WORKSPACE)
            document = orjson.loads(text)
            self.rows[of] = (of, external_id, email, phone, document, *times)
        self.aliases |= roster.new_aliases
        return [one for one in settled if one is not None]

    def told(self) -> list[str]:
        """Give all that is held, but for ids, and for who wrote it when."""
        names: dict[str, list[Alias]] = {}
        for alias, of in self.aliases.items():
            names.setdefault(of, []).append(alias)
        return sorted(
            repr((external_id, email, phone, sorted(names.get(of, ())), _values_of(document)))
            for of, external_id, email, phone, document, *_times in self.rows.values()
        )


_OF_THE_WRITING = {"order", "deliveries", "places"}


def _values_of(document: JsonObject) -> list[tuple[str, Any]]:
    return sorted((name, held) for name, held in document.items() if name not in _OF_THE_WRITING)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    [
        "2026-01-02",
        "01/02/2026",
        "2026-02-30",
        "3001-01-01T00:00:00Z",
        "Fri 01 02 03:04:05.Z 2026",
        "subscribed",
        "EUR",
        "a@b.co",
        "x" * 256,
        "é" * 255,
        GROUP,
        "a\x00b",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
_KEYS = """
a b c id a.b $a $time inc add remove $add $remove $update $identifier_key $identifier_value
$new_object longitude latitude token app_id device_id likes screen_name subscription_group_id
subscription_state
"""
keys = st.sampled_from(["", "k" * 256, *_KEYS.split()])
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=10,
)
steps = st.fixed_dictionaries(
    {"$identifier_key": st.sampled_from("ab"), "$identifier_value": scalars},
    optional={"$new_object": st.dictionaries(st.sampled_from("abc"), anything, max_size=2)},
)
rows = st.dictionaries(st.sampled_from("abc"), anything, max_size=2)
changes = st.one_of(
    anything,
    st.fixed_dictionaries({"inc": st.integers(-3, 3) | anything}),
    st.fixed_dictionaries(
        {},
        optional={
            "add": st.lists(scalars, max_size=3),
            "remove": st.lists(scalars, max_size=3),
        },
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "$add": st.lists(rows, max_size=2),
            "$remove": st.lists(steps, max_size=2),
            "$update": st.lists(steps, max_size=2),
        },
    ),
    st.just([{"subscription_group_id": GROUP, "subscription_state": "subscribed"}]),
    st.just({"longitude": 1, "latitude": 2.5}),
)
people: st.SearchStrategy[JsonObject] = st.sampled_from(
    [
        {"external_id": "u1"},
        {"external_id": "u1"},
        {"external_id": "u2", "email": "a@b.co"},
        {"external_id": "u1", "email": "a@b.co"},
        {"email": "a@b.co"},
        {"phone": "+33123456"},
        {
            "user_alias": {"alias_name": "ada", "alias_label": "shop"},
            "_update_existing_only": False,
        },
        {"user_alias": {"alias_name": "ada", "alias_label": "shop"}},
        {"external_id": "u1", "braze_id": "u1"},
        {},
    ]
)
_OTHERS = ["", "a", "b", "c", " a ", "a/b~c", " email ", "email", "phone"]
attribute_names = st.sampled_from(
    [*_OTHERS, *RESERVED, "_merge_objects", "_update_existing_only", " external_id "]
)


plain = st.dictionaries(st.sampled_from("ab"), st.integers(0, 9), max_size=2)
spoiling: st.SearchStrategy[JsonObject] = st.sampled_from(
    [
        {"email_subscribe": "yes"},
        {"email": "ada"},
        {"c": {"inc": "1"}},
        {"c": {"$update": [{}]}},
        {"_merge_objects": "true"},
    ]
)


@st.composite
def objects(draw: st.DrawFn) -> JsonObject:
    who: JsonObject = draw(people)
    kind = draw(st.sampled_from(["attributes", "attributes", "event", "purchase"]))
    if kind == "attributes":
        described = draw(plain) | draw(st.dictionaries(attribute_names, changes, max_size=3))
        return attributes(**described | draw(st.just({}) | spoiling) | who)
    spoiled = draw(
        st.dictionaries(
            st.sampled_from(["name", "time", "properties", "price", "currency", "quantity", "x"]),
            anything,
            max_size=1,
        )
    )
    if kind == "event":
        return event(**{"name": "Tea"} | spoiled | who)
    return purchase(**spoiled | who)


requests = st.lists(st.lists(objects(), min_size=1, max_size=4), min_size=1, max_size=4)


def _settlements(asked: Iterable[Sequence[JsonObject]]) -> list[Settlement]:
    return [make_settlement(*operations) for operations in asked]


def _arrays_of(operations: Sequence[JsonObject]) -> dict[str, list[JsonObject]]:
    arrays: dict[str, list[JsonObject]] = {"attributes": [], "events": [], "purchases": []}
    for operation in operations:
        kind = operation["kind"]
        arrays[kind if kind == "attributes" else f"{kind}s"].append(operation["object"])
    return arrays


def _leads_somewhere(pointer: str, whole: Any) -> bool:
    """Say whether a pointer names a place; a field that is missing is named in what lacks it."""
    *way, last = pointer.removeprefix("/").split("/")
    for step in way:
        name = step.replace("~1", "/").replace("~0", "~")
        whole = whole[int(name)] if isinstance(whole, list) else whole[name]
    return isinstance(whole, dict) or (isinstance(whole, list) and int(last) < len(whole))


@thoroughly
@given(requests)
def test_no_request_breaks_the_writer_and_what_it_says_leads_to_a_place(
    asked: list[list[JsonObject]],
) -> None:
    store = Store()
    for operations, settled in zip(asked, store.apply(*_settlements(asked)), strict=True):
        whole = _arrays_of(operations)
        assert settled.state in (State.APPLIED, State.FAILED)
        for problem in (*settled.errors, *settled.warnings):
            assert problem.message
            assert _leads_somewhere(problem.pointer, whole), problem
        for problem in settled.errors:
            named = as_wire(problem)
            assert named["index"] < len(whole[named["input_array"]])


@thoroughly
@given(requests)
def test_an_object_is_applied_whole_or_not_at_all(asked: list[list[JsonObject]]) -> None:
    # Written into the profile as they are read, the values before a bad one would stay.
    store, without = Store(), Store()
    taken = []
    for operations, settled in zip(asked, store.apply(*_settlements(asked)), strict=True):
        arrays = _arrays_of(operations)
        rejected = [
            arrays[where["input_array"]][where["index"]] for where in map(as_wire, settled.errors)
        ]
        taken.append(
            [
                operation
                for operation in operations
                if not any(operation["object"] is one for one in rejected)
            ]
        )
    without.apply(*_settlements(taken))
    assert without.told() == store.told()


@thoroughly
@given(requests, st.integers(0, 4))
def test_one_by_one_and_in_batches_the_store_comes_to_the_same(
    asked: list[list[JsonObject]], cut: int
) -> None:
    stream = _settlements(asked)
    whole, halved, single = Store(), Store(), Store()
    whole.apply(*stream)
    halved.apply(*stream[:cut])
    halved.apply(*stream[cut:], seconds=1)
    for number, operations in enumerate(asked):
        for operation in sorted(operations, key=lambda one: "aep".index(one["kind"][0])):
            single.apply(make_settlement(operation), seconds=number)
    assert halved.told() == whole.told()
    assert single.told() == whole.told()


_OPERATIONS = {"inc", "add", "remove", "$add", "$remove", "$update"}
values = anything.filter(
    lambda value: not isinstance(value, dict) or not value.keys() & _OPERATIONS
)


@often
@given(rows, changes, st.booleans())
def test_a_change_that_is_read_has_changed_nothing_yet(
    held: JsonObject, value: Any, merge: bool
) -> None:
    profile = profile_with(held, {"facebook": {"id": "f1"}})
    before = repr(profile)
    described = {"a": value, "b": value, "_merge_objects": merge}
    read_change(profile, described, pointer="/attributes/0", counting=True)
    assert repr(profile) == before


@often
@given(rows, changes, st.booleans())
def test_what_is_kept_is_within_the_limits(held: JsonObject, value: Any, merge: bool) -> None:
    profile = profile_with({})
    applied(profile, held)
    applied(profile, {"a": value, "b": value, "_merge_objects": merge})
    for kept in profile.custom_attributes.values():
        assert len(orjson.dumps(kept)) <= 100 * 1024
        assert all(len(text) <= 255 for text in _texts_in(kept))


def _texts_in(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner)


@often
@given(values)
def test_what_is_lost_is_told_with_its_place(value: Any) -> None:
    # Times get another form and arrays lose repeats: neither is a loss.
    profile = profile_with({})
    told = applied(profile, {"a": value})
    assert not isinstance(told, Problem)
    kept: Any = profile.custom_attributes.get("a")
    for _code, place in told:
        assert _leads_somewhere(place, {"a": value})
    if told:
        assert kept != value
    elif isinstance(value, list) and not any(isinstance(element, dict) for element in value):
        assert all(element in kept for element in value)
    elif not isinstance(value, str) and b"$time" not in orjson.dumps(value):
        assert kept == value
