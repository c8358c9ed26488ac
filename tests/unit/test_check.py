"""What the author of a transformation is told about what it returned."""

from typing import Any

import orjson
import pytest

from transformer.operation import Kind, Operation, operations_of
from transformer.transformation import Destination
from transformer.worker.check import MOST_OPERATIONS, Checker

CHECKER = Checker()
EVENT = {"external_id": "u", "name": "Tea Poured", "time": "2025-03-14T09:26:53Z"}
PURCHASE = {
    "external_id": "u",
    "product_id": "teapot",
    "currency": "EUR",
    "price": 29.9,
    "time": "2025-03-14",
}


def check_track(output: Any) -> list[tuple[str, str]]:
    checked = CHECKER.check(Destination.TRACK, output)
    assert not (checked.errors and checked.operations)
    assert all(problem.code == "invalid_output" for problem in checked.errors)
    return [(problem.pointer, problem.message) for problem in checked.errors]


def only_hint(destination: Destination, output: Any) -> str:
    (problem,) = CHECKER.check(destination, output).errors
    return problem.hint


def test_operations_stand_in_the_order_attributes_events_purchases() -> None:
    output = {"purchases": [PURCHASE], "events": [EVENT], "attributes": [{"external_id": "u"}]}
    assert CHECKER.check(Destination.TRACK, output).operations == (
        Operation(Kind.ATTRIBUTES, 0, {"external_id": "u"}, ("attributes", 0)),
        Operation(Kind.EVENT, 1, EVENT, ("events", 0)),
        Operation(Kind.PURCHASE, 2, PURCHASE, ("purchases", 0)),
    )


def test_each_catalog_item_is_an_operation_that_names_its_catalog() -> None:
    output = {"catalog_name": "products", "items": [{"id": "a", "stock": 1}, {"id": "b"}]}
    assert CHECKER.check(Destination.CATALOG_PATCH, output).operations == (
        Operation(Kind.CATALOG_PATCH, 0, {"id": "a", "stock": 1}, ("items", 0), "products"),
        Operation(Kind.CATALOG_PATCH, 1, {"id": "b"}, ("items", 1), "products"),
    )


def test_a_body_in_an_array_may_name_another_destination() -> None:
    output = [
        {"events": [EVENT]},
        {"destination": "catalog.put", "catalog_name": "products", "items": [{"id": "a"}]},
        {"destination": "catalog.delete", "catalog_name": "products", "items": [{"id": "b"}]},
    ]
    operations = CHECKER.check(Destination.TRACK, output).operations
    told = [operation.as_reference() for operation in operations]
    assert tuple(operations_of(output, told)) == operations
    assert [(operation.kind, operation.position) for operation in operations] == [
        (Kind.EVENT, 0),
        (Kind.CATALOG_PUT, 1),
        (Kind.CATALOG_DELETE, 2),
    ]


@pytest.mark.parametrize("output", [None, [], {}, {"attributes": []}, [{"events": []}]])
def test_an_output_that_asks_for_nothing_is_fine(output: Any) -> None:
    checked = CHECKER.check(Destination.TRACK, output)
    assert (checked.operations, checked.errors) == ((), ())


def test_more_than_75_objects_are_no_error() -> None:
    output = {"events": [EVENT] * 200}
    assert len(CHECKER.check(Destination.TRACK, output).operations) == 200


def test_more_than_50_items_are_no_error() -> None:
    output = {"catalog_name": "c", "items": [{"id": f"i{n}"} for n in range(120)]}
    assert len(CHECKER.check(Destination.CATALOG_PUT, output).operations) == 120


@pytest.mark.parametrize(
    ("output", "pointer", "message"),
    [
        ("done", "", 'The output is the string "done", but must be an object.'),
        (5, "", "The output is the number 5, but must be an object."),
        (False, "", "The output is false, but must be an object."),
        ([None], "/0", "output[0] is null, but must be an object."),
        ({"attributes": {}}, "/attributes", "attributes is an object, but must be an array."),
        (
            {"attributes": [{"first_name": "Ana"}]},
            "/attributes/0",
            (
                "attributes[0] has no identifier: one of external_id, user_alias, braze_id, email or"
                " phone is required."
            ),
        ),
        (
            {"attributes": [{"external_id": "a", "braze_id": "b"}]},
            "/attributes/0",
            (
                "attributes[0] has more than one primary identifier: only one of external_id,"
                " user_alias and braze_id is allowed."
            ),
        ),
        (
            {"attributes": [{"external_id": 17}]},
            "/attributes/0/external_id",
            "attributes[0].external_id is the number 17, but must be a string or null.",
        ),
        (
            {"attributes": [{"external_id": ""}]},
            "/attributes/0/external_id",
            "attributes[0].external_id is an empty string.",
        ),
        (
            {"attributes": [{"external_id": "x" * 988}]},
            "/attributes/0/external_id",
            "attributes[0].external_id is 988 characters long, but at most 987 are allowed.",
        ),
        (
            {"attributes": [{"user_alias": {"alias_name": "ana"}}]},
            "/attributes/0/user_alias",
            "attributes[0].user_alias lacks alias_label.",
        ),
        (
            {"attributes": [{"external_id": "a", "push_subscribe": "x"}]},
            "/attributes/0/push_subscribe",
            (
                'attributes[0].push_subscribe is the string "x", but must be "opted_in", '
                '"subscribed" or "unsubscribed".'
            ),
        ),
        (
            {"attributes": [{"email": "nobody"}]},
            "/attributes/0/email",
            'attributes[0].email is the string "nobody", which is not an email address.',
        ),
        (
            {"events": [{"external_id": "a"}]},
            "/events/0",
            "events[0] lacks name and time.",
        ),
        (
            {"events": [EVENT | {"time": 1741944413}]},
            "/events/0/time",
            "events[0].time is the number 1741944413, but must be a string.",
        ),
        (
            {"events": [EVENT | {"time": "tomorrow"}]},
            "/events/0/time",
            (
                'events[0].time is the string "tomorrow", which is not a time in ISO 8601 such as'
                ' "2025-03-14T09:26:53Z".'
            ),
        ),
        (
            {"events": [EVENT | {"properties": {"time": "now"}}]},
            "/events/0/properties/time",
            "events[0].properties.time is a reserved property name.",
        ),
        (
            {"purchases": [PURCHASE | {"price": "29.90"}]},
            "/purchases/0/price",
            'purchases[0].price is the string "29.90", but must be a number.',
        ),
        (
            {"purchases": [PURCHASE | {"quantity": 0}]},
            "/purchases/0/quantity",
            "purchases[0].quantity is 0, but must be at least 1.",
        ),
        (
            {"purchases": [PURCHASE | {"quantity": 101}]},
            "/purchases/0/quantity",
            "purchases[0].quantity is 101, but must be at most 100.",
        ),
        (
            {"events": [EVENT | {"a/b~c": 1, "properties": 3}]},
            "/events/0/properties",
            "events[0].properties is the number 3, but must be an object or null.",
        ),
        (
            {"destination": "trak"},
            "/destination",
            (
                'destination is the string "trak", but must be one of track, catalog.put,'
                " catalog.patch, catalog.delete."
            ),
        ),
    ],
)
def test_a_wrong_output_is_told_in_words_with_its_place(
    output: Any, pointer: str, message: str
) -> None:
    assert check_track(output) == [(pointer, message)]


@pytest.mark.parametrize(
    "identifier",
    [
        {"external_id": "a"},
        {"braze_id": "b"},
        {"user_alias": {"alias_name": "a", "alias_label": "b"}},
        {"email": "ana@example.com"},
        {"phone": "+351210000000"},
        {"external_id": "a", "email": None, "phone": None},
    ],
)
def test_any_one_identifier_is_enough(identifier: dict[str, Any]) -> None:
    assert check_track({"attributes": [identifier]}) == []


def test_an_email_of_null_finds_nobody() -> None:
    ((pointer, _),) = check_track({"attributes": [{"email": None}]})
    assert pointer == "/attributes/0"


def test_a_pointer_escapes_slashes_and_tildes() -> None:
    output = {"catalog_name": "c", "items": [{"id": "a", "x": {"b/~.": 1}}]}
    (problem,) = CHECKER.check(Destination.CATALOG_PUT, output).errors
    assert problem.pointer == "/items/0/x/b~1~0."


@pytest.mark.parametrize(
    ("destination", "output", "hint"),
    [
        (Destination.TRACK, {"attribute": []}, "Did you mean attributes?"),
        (Destination.TRACK, {"Events": []}, "Did you mean events?"),
        (
            Destination.CATALOG_PUT,
            {"catalogName": "c", "catalog_name": "c", "items": []},
            "Did you mean catalog_name?",
        ),
        (
            Destination.TRACK,
            {"external_id": "a"},
            "Put the object into a list: return { attributes: [{ … }] }.",
        ),
        (Destination.TRACK, {"destination": "catalog-put"}, "Did you mean catalog.put?"),
        (
            Destination.CATALOG_PUT,
            {"items": []},
            'Return { catalog_name: "products", items: [{ id: "…", name: "…" }] }.',
        ),
    ],
)
def test_a_slip_is_recognised(destination: Destination, output: Any, hint: str) -> None:
    assert only_hint(destination, output) == hint


def test_a_catalog_body_for_track_is_sent_to_the_right_destination() -> None:
    hint = only_hint(Destination.TRACK, {"catalog_name": "c", "items": []})
    assert 'destination: "catalog.put"' in hint


def test_a_track_body_for_a_catalog_is_sent_to_the_right_destination() -> None:
    problems = CHECKER.check(Destination.CATALOG_PUT, {"attributes": []}).errors
    assert any('destination: "track"' in problem.hint for problem in problems)


@pytest.mark.parametrize(
    ("destination", "item", "pointer"),
    [
        (Destination.CATALOG_PUT, {"name": "x"}, "/items/0"),
        (Destination.CATALOG_PATCH, {"id": 5}, "/items/0/id"),
        (Destination.CATALOG_DELETE, {"id": "a b"}, "/items/0/id"),
        (Destination.CATALOG_PUT, {"id": "x" * 251}, "/items/0/id"),
        (Destination.CATALOG_PUT, {"id": "a", "text": "x" * 5001}, "/items/0/text"),
        (Destination.CATALOG_PUT, {"id": "a", "o": {"$add": [1]}}, "/items/0/o/$add"),
        (Destination.CATALOG_PATCH, {"id": "a", "o": {"$add": 1}}, "/items/0/o/$add"),
        (Destination.CATALOG_PATCH, {"id": "a", "o": [{"x": {"y.z": 1}}]}, "/items/0/o/0/x/y.z"),
    ],
)
def test_a_wrong_catalog_item_is_pointed_at(
    destination: Destination, item: dict[str, Any], pointer: str
) -> None:
    checked = CHECKER.check(destination, {"catalog_name": "c", "items": [item]})
    assert [problem.pointer for problem in checked.errors] == [pointer]


def test_patch_may_add_to_and_remove_from_a_list() -> None:
    output = {"catalog_name": "c", "items": [{"id": "a", "tags": {"$add": ["x"], "$remove": []}}]}
    assert CHECKER.check(Destination.CATALOG_PATCH, output).errors == ()


def test_errors_stand_in_the_order_of_the_output() -> None:
    wrong: list[Any] = [{"external_id": "a", "email_subscribe": 1} for _ in range(12)]
    pointers = [pointer for pointer, _ in check_track({"attributes": wrong})]
    assert pointers == [f"/attributes/{index}/email_subscribe" for index in range(12)]


def nested(levels: int) -> Any:
    value: Any = "leaf"
    for _ in range(levels):
        value = {"o": value}
    return value


@pytest.mark.parametrize("destination", [Destination.TRACK, Destination.CATALOG_PUT])
def test_a_value_may_be_nested_fifty_levels_and_no_more(destination: Destination) -> None:
    def check_levels(levels: int) -> int:
        thing = {"id": "a", "external_id": "u", "value": nested(levels)}
        output: dict[str, Any] = {"catalog_name": "c", "items": [thing]}
        if destination is Destination.TRACK:
            output = {"attributes": [thing]}
        return len(CHECKER.check(destination, output).errors)

    assert [check_levels(50), check_levels(51), check_levels(900)] == [0, 1, 1]


def test_an_endlessly_nested_output_is_refused_at_its_own_place() -> None:
    attributes = [{"external_id": "u"}, {"external_id": "v", "order": nested(500)}]
    (problem,) = CHECKER.check(Destination.TRACK, [{"attributes": attributes}]).errors
    assert problem.code == "output_too_deep"
    assert problem.pointer == "/0/attributes/1/order"
    assert problem.message == (
        "output[0].attributes[1].order is nested too deeply: an output may have at most 53 levels."
    )


@pytest.mark.parametrize(
    "output",
    [
        pytest.param({"attributes": [{"external_id": "u"}] * 5_001}, id="one list"),
        pytest.param([{"events": [EVENT] * 1_667}] * 3, id="several bodies"),
        pytest.param({"events": [EVENT] * 5_000, "attributes": [{}]}, id="wrong ones count too"),
        pytest.param(
            [
                {
                    "destination": "catalog.delete",
                    "catalog_name": "c",
                    "items": [{"id": "a"}] * 5_001,
                }
            ],
            id="items",
        ),
    ],
)
def test_more_operations_than_an_event_may_ask_for_are_an_error(output: Any) -> None:
    checked = CHECKER.check(Destination.TRACK, output)
    (problem,) = checked.errors
    assert (problem.code, checked.operations) == ("too_many_operations", ())
    assert problem.message == (
        "The output asks for 5,001 operations, but one event may ask for at most 5,000."
    )
    assert CHECKER.read(Destination.TRACK, orjson.dumps(output))[1] == checked


def test_as_many_operations_as_an_event_may_ask_for_are_fine() -> None:
    output = {"attributes": [{"external_id": "u"}] * MOST_OPERATIONS}
    assert len(CHECKER.check(Destination.TRACK, output).operations) == MOST_OPERATIONS
    text = orjson.dumps(output | {"note": "{" * 9})
    assert [e.code for e in CHECKER.read(Destination.TRACK, text)[1].errors] == ["invalid_output"]


@pytest.mark.parametrize(
    ("output", "pointer"),
    [
        ({"attributes": [{"external_id": "u", "note": "x" * 256}]}, "/attributes/0/note"),
        ({"attributes": [{"external_id": "u", "o": {"a": None}}]}, "/attributes/0/o/a"),
        ({"attributes": [{"external_id": "u", "o": {"a b": 1}}]}, "/attributes/0/o/a b"),
        ({"attributes": [{"external_id": "u", "o": {"$time": 5}}]}, "/attributes/0/o/$time"),
        ({"attributes": [{"external_id": "u", "l": ["x" * 256]}]}, "/attributes/0/l/0"),
        ({"attributes": [{"external_id": "u", "l": list(range(40_000))}]}, "/attributes/0/l"),
        ({"events": [EVENT | {"activityId": 1}]}, "/events/0/activityId"),
        ({"events": [EVENT | {"properties": {"a": "x" * 256}}]}, "/events/0/properties/a"),
        ({"events": [EVENT | {"properties": {"$a": 1}}]}, "/events/0/properties/$a"),
        (
            {"events": [EVENT | {"properties": {f"p{n}": n for n in range(257)}}]},
            "/events/0/properties",
        ),
        ({"purchases": [PURCHASE | {"size": "L"}]}, "/purchases/0/size"),
    ],
)
def test_what_would_be_dropped_silently_is_a_warning(output: Any, pointer: str) -> None:
    checked = CHECKER.check(Destination.TRACK, output)
    assert checked.errors == ()
    assert len(checked.operations) == 1
    assert [problem.pointer for problem in checked.warnings] == [pointer]


def test_an_ordinary_output_gives_no_warning() -> None:
    output = {
        "attributes": [
            {
                "external_id": "u" * 600,
                "_merge_objects": True,
                "points": {"inc": 5},
                "colours": {"add": ["red"], "remove": ["blue"]},
                "cars": {
                    "$add": [{"id": 1, "built": {"$time": "2020-01-01"}}],
                    "$remove": [{"$identifier_key": "id", "$identifier_value": 2}],
                    "$update": [
                        {
                            "$identifier_key": "id",
                            "$identifier_value": 3,
                            "$new_object": {"colour": "red"},
                        }
                    ],
                },
                "removed": None,
            }
        ],
        "events": [EVENT | {"properties": {"list": [1, None], "nothing": None}}],
        "purchases": [PURCHASE],
    }
    assert CHECKER.check(Destination.TRACK, output).warnings == ()


def test_an_item_given_twice_is_a_warning() -> None:
    output = {"catalog_name": "c", "items": [{"id": "a"}, {"id": "a"}]}
    checked = CHECKER.check(Destination.CATALOG_DELETE, output)
    assert [problem.code for problem in checked.warnings] == ["repeated_item"]


def test_a_readable_output_is_parsed_and_judged() -> None:
    output, checked = CHECKER.read(Destination.TRACK, b'{"attributes": [{"external_id": "u"}]}')
    assert output == {"attributes": [{"external_id": "u"}]}
    assert len(checked.operations) == 1


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        (
            b'{"attributes": [{"external_id": "\\ud83d"}]}',
            "invalid_output",
            "half of a character",
        ),
        (b'{"attributes": ' + b"[" * 60 + b"]" * 60 + b"}", "output_too_deep", "attributes[0][0]"),
        (b"[" * 2000 + b"]" * 2000, "output_too_deep", "The output is nested too deeply"),
        (b"1e999", "invalid_output", "not JSON that can be stored"),
    ],
)
def test_an_output_that_could_not_be_stored_is_an_error_and_not_given(
    text: bytes, code: str, word: str
) -> None:
    output, checked = CHECKER.read(Destination.TRACK, text)
    (problem,) = checked.errors
    assert (output, problem.code) == (None, code)
    assert word in problem.message


@pytest.mark.parametrize("destination", list(Destination))
def test_whatever_is_given_back_can_be_written_again(destination: Destination) -> None:
    for levels in (50, 53, 54, 250, 260, 1000):
        text = b'[{"a":' + b"[" * levels + b"1" + b"]" * levels + b"}]"
        output, _ = CHECKER.read(destination, text)
        assert orjson.dumps(output)


def test_a_report_tells_the_first_problems_and_that_there_are_more() -> None:
    bodies = [{"destination": "nowhere"}] * 1_000
    errors = CHECKER.check(Destination.TRACK, bodies).errors
    assert len(errors) == 21
    assert errors[-1].message == "There are more than these 20."
    attributes = [{"external_id": "u", "nested": {"a": None}} for _ in range(1_000)]
    warnings = CHECKER.check(Destination.TRACK, {"attributes": attributes}).warnings
    assert len(warnings) == 21
