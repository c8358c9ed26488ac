"""The schemas are well formed, say what they are, and their own examples are true."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import orjson
import pytest
from jsonschema import Draft202012Validator

from transformer.schemas import reader
from transformer.schemas.reader import (
    envelope_of,
    load_event_schema,
    load_rest_schema,
    load_schema,
    recommended_events,
    rest_bodies,
)
from transformer.transformation import Destination
from transformer.worker.check import Checker

CHECKER = Checker()

# What a choice of fields asks of each: the choice tells that none of them is there.
_THERE = {"not": {"type": "null"}}
DOCUMENTS: dict[str, dict[str, Any]] = {
    **{destination.value: load_schema(destination) for destination in Destination},
    **{permission: load_rest_schema(permission) for permission in rest_bodies()},
    **{name: load_event_schema(name) for name in recommended_events()},
}
each_destination = pytest.mark.parametrize("destination", list(Destination))
each_document = pytest.mark.parametrize("schema", DOCUMENTS.values(), ids=DOCUMENTS)
each_rest_body = pytest.mark.parametrize("permission", rest_bodies())


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key not in {"examples", "enum", "const"}:
                yield from subschemas(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from subschemas(value)


def named_properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each property that is described, with what the definition says that it refers to."""
    for sub in subschemas(schema):
        if "title" in sub:
            for name, held in sub.get("properties", {}).items():
                yield name, described(schema, held)


def described(schema: dict[str, Any], held: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in held:
        return held
    referred = schema["$defs"][held["$ref"].removeprefix("#/$defs/")]
    return described(schema, referred) | held


def conditions(schema: dict[str, Any]) -> Iterator[Any]:
    """Give the schemas that only ask: whose outcome is turned round, or decides on another."""
    for sub in subschemas(schema):
        for asking in (sub.get("not"), sub.get("if")):
            yield from [] if asking is None else subschemas(asking)


def fits(schema: dict[str, Any], part: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({"$defs": schema.get("$defs", {})} | part)


def test_each_call_with_a_body_has_a_schema() -> None:
    assert {"users.track", "users.delete", "users.export.ids", "catalogs.create"} <= {
        *rest_bodies()
    }
    assert len(rest_bodies()) == 21


@each_document
def test_a_schema_is_json_schema_2020_12(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    jsonschema_rs.Draft202012Validator(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@each_document
def test_every_definition_and_every_property_says_what_it_is(schema: dict[str, Any]) -> None:
    parts = [("", schema), *schema.get("$defs", {}).items(), *named_properties(schema)]
    for name, part in parts:
        said = described(schema, part)
        assert said.keys() >= {"title", "description"}, name
        assert said["description"].endswith("."), name
        # What cannot be given has no example, and a rule beside others is no value.
        assert ("examples" in said) is (said.get("not") != {} and name != "identified"), name


@each_document
def test_every_example_fits_what_it_stands_in(schema: dict[str, Any]) -> None:
    for sub in subschemas(schema):
        rules = {keyword: rule for keyword, rule in sub.items() if keyword not in {"$id", "$defs"}}
        for example in sub.get("examples", []):
            fits(schema, rules).validate(example)


@each_document
def test_every_rule_that_needs_words_has_them(schema: dict[str, Any]) -> None:
    wordless = {"not", "anyOf", "oneOf", "pattern"}
    for sub in subschemas(schema):
        if wordless & sub.keys() and "x-message" not in sub and sub != _THERE:
            # What only says when another rule holds refuses nothing itself.
            assert any(id(sub) == id(held) for held in conditions(schema)), sub
        assert ("x-message" in sub) <= ("x-hint" in sub)


@each_document
def test_a_pattern_that_ends_allows_no_newline_after_its_end(schema: dict[str, Any]) -> None:
    # Python's $ matches before a last newline, and Rust's and JavaScript's do not.
    for sub in subschemas(schema):
        pattern = sub.get("pattern")
        if isinstance(pattern, str) and "$" in pattern.replace("[.$]", ""):
            assert pattern.endswith("$(?!\\n)")


@each_document
def test_every_reference_leads_to_a_definition_and_every_definition_is_used(
    schema: dict[str, Any],
) -> None:
    named = {f"#/$defs/{name}" for name in schema.get("$defs", {})}
    used = {sub["$ref"] for sub in subschemas(schema) if isinstance(sub.get("$ref"), str)}
    assert used == named


def test_a_definition_stands_in_one_file_and_has_a_name_of_its_own() -> None:
    """Documents that hold each other's definitions, and OpenAPI that holds all, tell them by name."""
    folder = reader._FOLDER  # noqa: SLF001
    folders = (folder, folder.joinpath("rest"), folder.joinpath("events"))
    files = [file for each in folders for file in each.iterdir()]
    written = [orjson.loads(file.read_bytes()) for file in files if file.name.endswith(".json")]
    names = Counter(name for document in written for name in document.get("$defs", {}))
    assert [name for name, times in names.items() if times > 1] == []
    used = {name for schema in DOCUMENTS.values() for name in schema.get("$defs", {})}
    assert set(names) == used


@each_destination
def test_a_destinations_examples_are_accepted_without_a_warning(destination: Destination) -> None:
    for example in load_schema(destination)["examples"]:
        checked = CHECKER.check(destination, example)
        assert checked.operations
        assert (checked.errors, checked.warnings) == ((), ())


@each_rest_body
def test_a_body_of_rest_takes_keys_that_it_does_not_know(permission: str) -> None:
    """Clients send what their version knows; a key that nobody reads harms nobody."""
    schema = load_rest_schema(permission)
    assert fits(schema, schema).is_valid({**schema["examples"][0], "later": True})


@each_rest_body
def test_an_envelope_refuses_wrong_lists_and_leaves_their_objects_alone(permission: str) -> None:
    schema = load_rest_schema(permission)
    whole, envelope = (fits(schema, part) for part in (schema, envelope_of(schema)))
    (name, held), *_ = schema["examples"][0].items()
    if not isinstance(held, list):
        return
    assert not envelope.is_valid({name: "no list"})
    assert not whole.is_valid({name: [17]})
    assert envelope.is_valid({name: [17]})
