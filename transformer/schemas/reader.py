"""Reads the JSON Schemas of what a transformation may return, one for each destination.

They are the one source of these shapes. Two annotations of ours stand beside the standard ones and
change no verdict: ``x-message`` says in words what a keyword such as ``not`` or ``pattern`` asks
for, and ``x-hint`` what to do about it. :mod:`transformer.schemas.explanation` reads them.
"""

from importlib.resources import files
from typing import Any, TypeAlias

import orjson

from transformer.transformation import Destination

Schema: TypeAlias = dict[str, Any]


def load_schema(destination: Destination) -> Schema:
    """Read the schema of one body for a destination (JSON Schema 2020-12)."""
    name = destination.value.replace(".", "_") + ".json"
    schema: Schema = orjson.loads(files("transformer.schemas").joinpath(name).read_bytes())
    return schema
