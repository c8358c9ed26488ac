"""The compiled validator, whose verdict counts, and the one that finds the errors never disagree."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.test_schemas import DOCUMENTS
from transformer.schemas.explanation import explain, pointer_to
from transformer.schemas.reader import load_schema, recommended_events, rest_bodies
from transformer.schemas.validators import error_validator, verdict_validator
from transformer.transformation import Destination
from transformer.worker.check import Checker

VERDICTS = {name: verdict_validator(schema) for name, schema in DOCUMENTS.items()}
FINDERS = {name: error_validator(schema) for name, schema in DOCUMENTS.items()}
CHECKER = Checker()
EXAMPLES = 50

# As the JSON reader gives them: integers of 64 bits, no NaN, no half of a surrogate pair.
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "",
        "\n",
        "EUR",
        "EUR\n",
        "a@b",
        "a@b\n",
        "2025-03-14",
        "2025-03-14T09:26:53Z\n",
        "x" * 256,
        "😀" * 255,
        "x" * 988,
        "x" * 5001,
    ]
)
known_names = st.sampled_from(
    sorted(
        {
            *load_schema(Destination.TRACK)["$defs"]["attributes"]["properties"],
            *load_schema(Destination.TRACK)["$defs"]["purchase"]["properties"],
            *("$add", "$remove", "$update", "$time", "inc", "id", "a.b", "name", "items"),
            *("attributes", "events", "purchases", "catalog_name", "destination", "event_name"),
        }
    )
)
names = known_names | texts
scalars = st.none() | st.booleans() | numbers | texts
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)

identifiers = st.sampled_from(
    [
        {"external_id": "customer-1042"},
        {"user_alias": {"alias_name": "ana", "alias_label": "github"}},
        {"braze_id": "prf_1"},
        {"email": "ana@example.com"},
        {"phone": "+351210000000"},
        {"external_id": "customer-1042", "email": None},
    ]
)
times = st.datetimes().map(lambda moment: moment.isoformat() + "Z")
properties = st.dictionaries(st.sampled_from(["size", "colour"]), anything, max_size=2)
optional = {
    "_update_existing_only": st.booleans(),
    "properties": properties,
    "app_id": st.just("shop"),
}


def identified(
    required: dict[str, st.SearchStrategy[Any]], more: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    fields = st.fixed_dictionaries(required, optional=more)
    return st.builds(lambda who, what: {**what, **who}, identifiers, fields)


attributes = identified(
    {},
    {
        "first_name": st.sampled_from(["Ana", None]),
        "gender": st.sampled_from(["M", "F", "O", "N", "P", None]),
        "dob": st.dates().map(str),
        "current_location": st.just({"longitude": -9.1, "latitude": 38.7}),
        "email_subscribe": st.sampled_from(["opted_in", "subscribed", "unsubscribed"]),
        "subscription_groups": st.just(
            [
                {
                    "subscription_group_id": "0" * 8 + "-0000-0000-0000-" + "0" * 12,
                    "subscription_state": "subscribed",
                }
            ]
        ),
        "plan": anything.filter(lambda value: not isinstance(value, dict)),
        "points": st.integers(-(2**63), 2**63).map(lambda n: {"inc": n}),
        "cars": st.just({"$remove": [{"$identifier_key": "id", "$identifier_value": 1}]}),
    },
)
events = identified({"name": st.sampled_from(["Tea Poured", "x" * 255]), "time": times}, optional)
purchases = identified(
    {
        "product_id": st.just("teapot"),
        "currency": st.sampled_from(["EUR", "jpy"]),
        "price": st.integers(-(10**12), 10**12) | st.floats(-1e12, 1e12),
        "time": times,
    },
    optional | {"quantity": st.integers(1, 100) | st.just(2.0)},
)
track_bodies = st.fixed_dictionaries(
    {},
    optional={
        "attributes": st.lists(attributes, max_size=2),
        "events": st.lists(events, max_size=2),
        "purchases": st.lists(purchases, max_size=2),
        "destination": st.just("track"),
        "partner": st.just("shop"),
    },
)
values = st.recursive(
    scalars.filter(lambda value: not isinstance(value, str) or len(value) <= 5000),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["size", "a b"]), inner, max_size=2)
    ),
    max_leaves=6,
)
items = st.fixed_dictionaries(
    {"id": st.sampled_from(["teapot-green", "A_1", "x" * 250])},
    optional={"name": values, "price": values, "a.b": values},
)
catalog_bodies = st.fixed_dictionaries(
    {"catalog_name": st.sampled_from(["products", "x" * 250]), "items": st.lists(items, max_size=3)}
)


def bodies(destination: Destination) -> st.SearchStrategy[dict[str, Any]]:
    return track_bodies if destination is Destination.TRACK else catalog_bodies


def places_in(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [place, *(found for key, held in inner for found in places_in(held, (*place, key)))]


def spoilt(value: Any) -> list[Any]:
    """Give what is only just not, or only just still, what it was."""
    match value:
        case bool() | None:
            return [str(value), [value], 0]
        case str():
            return [
                value + "\n",
                "\n" + value,
                value + " ",
                value.lower(),
                value * 300,
                "",
                [value],
            ]
        case int() | float():
            return [-value, value + 0.5, str(value), value + 100, 0, 1.0, 2**63]
        case list():
            return [value * 2, {"0": value}, value[:1], [value], None]
        case _:
            return [[value], {**value, "x": value}, {}, None]


@st.composite
def mutated(draw: st.DrawFn, right: st.SearchStrategy[dict[str, Any]]) -> Any:
    body: Any = deepcopy(draw(right))
    for _ in range(draw(st.integers(1, 3))):
        places = [place for place in places_in(body) if place]
        chosen: tuple[Any, ...] = draw(st.sampled_from(places)) if places else (draw(names),)
        *way, last = chosen
        parent: Any = body
        for step in way:
            parent = parent[step]
        match draw(st.sampled_from(["spoil", "spoil", "replace", "remove", "rename", "add"])):
            case "spoil" if isinstance(parent, list) or last in parent:
                parent[last] = draw(st.sampled_from(spoilt(parent[last])))
            case "replace":
                parent[last] = draw(anything)
            case "remove" if isinstance(parent, list) or last in parent:
                del parent[last]
            case "rename" if isinstance(parent, dict) and last in parent:
                parent[draw(names)] = parent.pop(last)
            case "add" if isinstance(parent, dict):
                parent[draw(names)] = draw(anything)
            case _:
                pass
    return body


def mutated_bodies(destination: Destination) -> st.SearchStrategy[Any]:
    return mutated(bodies(destination))


def assert_agreement(name: str, body: Any) -> None:
    valid = VERDICTS[name].is_valid(body)
    problems = explain(FINDERS[name].iter_errors(body))
    assert valid is not bool(problems), (body, problems)
    for problem in problems:
        assert problem.code == "invalid_output"
        assert problem.message.endswith(".")
        assert problem.hint, problem
        assert "does not fit" not in problem.message


each_other = pytest.mark.parametrize("name", [*rest_bodies(), *recommended_events()])
each_destination = pytest.mark.parametrize("destination", list(Destination))


@each_destination
@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_valid_outputs_are_valid_to_both(destination: Destination, data: st.DataObject) -> None:
    body = data.draw(bodies(destination))
    assert CHECKER.check(destination, body).errors == ()
    assert_agreement(destination, body)


@each_destination
@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_both_agree_on_mutated_outputs(destination: Destination, data: st.DataObject) -> None:
    assert_agreement(destination, data.draw(mutated_bodies(destination)))


@each_other
@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_both_agree_on_mutated_bodies_of_rest_and_recommended_events(
    name: str, data: st.DataObject
) -> None:
    examples = DOCUMENTS[name]["examples"]
    assert_agreement(name, data.draw(mutated(st.sampled_from(examples))))


@each_destination
@settings(deadline=None, max_examples=EXAMPLES)
@given(output=anything)
def test_both_agree_on_arbitrary_outputs(destination: Destination, output: Any) -> None:
    assert_agreement(destination, output)


@each_destination
@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_a_check_gives_operations_or_errors_and_tells_of_each_refused_one(
    destination: Destination, data: st.DataObject
) -> None:
    output = data.draw(mutated_bodies(destination) | st.lists(mutated_bodies(destination)))
    checked = CHECKER.check(destination, output)
    assert bool(checked.errors and checked.operations) is bool(checked.refused)
    told = {problem.pointer for problem in checked.errors}
    for position in checked.refused:
        place = pointer_to(checked.operations[position].path)
        assert any(pointer == place or pointer.startswith(f"{place}/") for pointer in told)
    assert [operation.position for operation in checked.operations] == list(
        range(len(checked.operations))
    )
