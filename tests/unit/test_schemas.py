"""The schemas are well formed, say what they are, and their own examples are true."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from transformer.schemas.reader import load_schema
from transformer.transformation import Destination
from transformer.worker.check import Checker

CHECKER = Checker()
each_destination = pytest.mark.parametrize("destination", list(Destination))


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key not in {"examples", "enum", "const"}:
                yield from subschemas(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from subschemas(value)


@each_destination
def test_a_schema_is_json_schema_2020_12(destination: Destination) -> None:
    schema = load_schema(destination)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@each_destination
def test_a_schema_has_a_title_a_description_and_examples(destination: Destination) -> None:
    assert load_schema(destination).keys() >= {"title", "description", "examples"}


@each_destination
def test_a_schemas_examples_are_accepted_without_a_warning(destination: Destination) -> None:
    for example in load_schema(destination)["examples"]:
        checked = CHECKER.check(destination, example)
        assert checked.operations
        assert (checked.errors, checked.warnings) == ((), ())


@each_destination
def test_a_definitions_examples_fit_it(destination: Destination) -> None:
    schema = load_schema(destination)
    for name, definition in schema["$defs"].items():
        fits = Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"})
        for example in definition.get("examples", []):
            fits.validate(example)


@each_destination
def test_every_pattern_is_explained_in_words(destination: Destination) -> None:
    for schema in subschemas(load_schema(destination)):
        if isinstance(schema.get("pattern"), str) and schema["pattern"] != "[.$]":
            assert schema.keys() >= {"x-message", "x-hint"}


@each_destination
def test_a_pattern_that_ends_allows_no_newline_after_its_end(destination: Destination) -> None:
    # Python's $ matches before a last newline, and Rust's and JavaScript's do not.
    for schema in subschemas(load_schema(destination)):
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and "$" in pattern.replace("[.$]", ""):
            assert pattern.endswith("$(?!\\n)")


@each_destination
def test_every_reference_leads_somewhere(destination: Destination) -> None:
    schema = load_schema(destination)
    named = {f"#/$defs/{name}" for name in schema["$defs"]}
    used = {sub["$ref"] for sub in subschemas(schema) if isinstance(sub.get("$ref"), str)}
    assert used == named
