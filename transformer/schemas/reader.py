"""Reads the JSON Schemas: what a transformation may return, what the REST API takes, recommended events.

They are the one source of these shapes. A file names what it shares with another by its URN
(``urn:transformer:schema:shared#/$defs/email``); what is read here is whole: each definition that is
used stands in the document's own ``$defs``, so that validators, OpenAPI and types need no registry.

Four annotations of ours stand beside the standard ones and change no verdict: ``x-message`` says in
words what a keyword such as ``not`` or ``pattern`` asks for, ``x-hint`` what to do about it
(:mod:`transformer.schemas.explanation` reads them); ``x-dropped`` that a value which does not fit is
dropped, and costs nothing else (:mod:`transformer.worker.judge`); and ``x-typescript`` what code may have in a
value's place, for ``JSON.stringify`` turns a Date into a text (:mod:`transformer.schemas.typescript`).
"""

from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import orjson

from transformer.transformation import Destination

Schema: TypeAlias = dict[str, Any]

_FOLDER = files("transformer.schemas")
_URN = "urn:transformer:schema:"
_OWN = "#/$defs/"

# These hold values, which may look like schemas.
_DATA = frozenset({"examples", "enum", "const"})


def load_schema(destination: Destination) -> Schema:
    """Read the schema of one body for a destination (JSON Schema 2020-12)."""
    return _whole(destination.value.replace(".", "_"))


def load_rest_schema(permission: str) -> Schema:
    """Read the schema of the body that a call of the REST API takes (braze.md §2, §3).

    Args:
        permission: what a key needs for the call, such as ``users.alias.new``; one of
            :func:`rest_bodies`.
    """
    return _whole(f"rest/{permission}")


def rest_bodies() -> list[str]:
    """Name the calls of the REST API that take a body, by the permission that each needs."""
    return _names("rest")


def load_event_schema(name: str) -> Schema:
    """Read the schema of the properties that an event of a recommended name is meant to have.

    Args:
        name: one of :func:`recommended_events`.
    """
    return _whole(f"events/{name}")


def recommended_events() -> list[str]:
    """Name the events whose properties have a recommended shape (braze.md §2.1)."""
    return _names("events")


def envelope_of(schema: Schema) -> Schema:
    """Give what must hold of a body for any of it to be applied: all but what its lists hold.

    The objects in the lists are judged one by one, and a wrong one does not keep the others from
    being applied; what this refuses, nothing can be applied of.
    """
    properties = {
        name: {keyword: asked for keyword, asked in held.items() if keyword != "items"}
        for name, held in schema["properties"].items()
    }
    return schema | {"properties": properties}


def _names(folder: str) -> list[str]:
    return sorted(path.name.removesuffix(".json") for path in _FOLDER.joinpath(folder).iterdir())


def _whole(name: str) -> Schema:
    """Read a document, with every definition that a reference in it leads to."""
    definitions: Schema = {}
    document: Schema = _placed(_read(name), name, definitions)
    return document | {"$defs": definitions} if definitions else document


def _placed(schema: Any, document: str, definitions: Schema) -> Any:
    """Copy a schema so that its references lead into ``definitions``, which is filled on the way."""
    if isinstance(schema, list):
        return [_placed(part, document, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    placed: Schema = {}
    for keyword, held in schema.items():
        if keyword == "$ref":
            placed[keyword] = _OWN + _gather(held, document, definitions)
        elif keyword in _DATA:
            placed[keyword] = held
        elif keyword != "$defs":
            placed[keyword] = _placed(held, document, definitions)
    return placed


def _gather(reference: str, document: str, definitions: Schema) -> str:
    home, _, name = reference.partition(_OWN)
    home = home.removeprefix(_URN) or document
    if name not in definitions:
        definitions[name] = {}  # a definition may lead back to itself
        definitions[name] = _placed(_read(home)["$defs"][name], home, definitions)
    return name


@cache
def _read(name: str) -> Schema:
    document: Schema = orjson.loads(_FOLDER.joinpath(f"{name}.json").read_bytes())
    return document
