"""Both validators give the verdicts of the official test suite of JSON Schema 2020-12.

``json_schema_test_suite.zip`` is https://github.com/json-schema-org/JSON-Schema-Test-Suite (MIT; its
LICENSE is inside) as the source distribution of jsonschema 4.26.0 carries it: what the draft asks
for, what it leaves open (``optional/``), and the documents that references lead to (``remotes/``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from zipfile import ZipFile

import orjson
import pytest

from tests.unit.test_schemas import DOCUMENTS, subschemas
from transformer.schemas.validators import error_validator, verdict_validator

_SUITE = ZipFile(Path(__file__).with_name("json_schema_test_suite.zip"))
_DRAFT, _REMOTES, _SERVER = "tests/draft2020-12/", "remotes/", "http://localhost:1234/"

# jsonschema reads no `$vocabulary`: it validates what a metaschema without validation would let pass.
# Ours name the standard one.
KNOWN: dict[str, set[tuple[str, str, str]]] = {
    "errors": {
        (
            "vocabulary.json",
            "schema that uses custom metaschema with with no validation vocabulary",
            "no validation: invalid number, but it still validates",
        )
    },
    "verdict": set(),
}

# What the draft leaves open and the two take differently; none of it stands in our schemas, see below.
OPEN = {
    "optional/dependencies-compatibility.json",  # a keyword of older drafts
    "optional/ecmascript-regex.json",  # letters behind a backslash
}


class Validator(Protocol):
    def is_valid(self, instance: Any) -> bool: ...


@dataclass(frozen=True, slots=True)
class Question:
    """One value against one schema, and whether it fits."""

    group: str
    title: str
    data: Any
    fits: bool


def names(prefix: str) -> list[str]:
    return sorted(
        name.removeprefix(prefix)
        for name in _SUITE.namelist()
        if name.startswith(prefix) and name.endswith(".json")
    )


OTHERS = {_SERVER + name: orjson.loads(_SUITE.read(_REMOTES + name)) for name in names(_REMOTES)}
REQUIRED = [name for name in names(_DRAFT) if not name.startswith("optional/")]
OPTIONAL = [name for name in names(_DRAFT) if name.startswith("optional/")]


def questions(name: str) -> Iterator[tuple[Any, list[Question]]]:
    for group in orjson.loads(_SUITE.read(_DRAFT + name)):
        yield (
            group["schema"],
            [
                Question(group["description"], test["description"], test["data"], test["valid"])
                for test in group["tests"]
            ],
        )


def answers(kind: str, name: str) -> dict[tuple[str, str], bool]:
    given: dict[tuple[str, str], bool] = {}
    for schema, asked in questions(name):
        validator: Validator = (
            verdict_validator(schema, others=OTHERS)
            if kind == "verdict"
            else error_validator(schema, others=OTHERS)
        )
        given |= {(one.group, one.title): validator.is_valid(one.data) for one in asked}
    return given


def test_the_suite_is_whole() -> None:
    assert (len(REQUIRED), len(OPTIONAL)) == (46, 34)
    assert b"Permission is hereby granted, free of charge" in _SUITE.read("LICENSE")


@pytest.mark.parametrize("kind", ["verdict", "errors"])
@pytest.mark.parametrize("name", REQUIRED)
def test_what_the_draft_asks_for_is_so(kind: str, name: str) -> None:
    given = answers(kind, name)
    wrong = {
        (name, one.group, one.title)
        for _schema, asked in questions(name)
        for one in asked
        if given[one.group, one.title] is not one.fits
    }
    assert wrong == {known for known in KNOWN[kind] if known[0] == name}


@pytest.mark.parametrize("name", sorted(set(OPTIONAL) - OPEN))
def test_what_the_draft_leaves_open_both_take_alike(name: str) -> None:
    assert answers("verdict", name) == answers("errors", name)


@pytest.mark.parametrize("name", [name for name in OPTIONAL if name.startswith("optional/format/")])
def test_a_format_refuses_nothing(name: str) -> None:
    """It is an annotation, as the draft has it: an email that is none fits `format: email`."""
    for kind in ("verdict", "errors"):
        given = answers(kind, name)
        assert all(given[one.group, one.title] for _, asked in questions(name) for one in asked)


def test_our_schemas_use_nothing_that_the_two_take_differently() -> None:
    for document in DOCUMENTS.values():
        for sub in subschemas(document):
            assert not {"dependencies", "$vocabulary", "format", "$dynamicRef"} & sub.keys()
            pattern = sub.get("pattern")
            if isinstance(pattern, str):
                # A class such as \d is other letters to each engine, and $ another place (\n).
                assert re.sub(r"\\[ntr]", "", pattern).isascii()
                assert "\\" not in re.sub(r"\\[ntr]", "", pattern)
