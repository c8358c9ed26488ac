"""What is run, and on what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Program:
    """A JavaScript function body; it sees payload, headers, context and console.

    ``return`` and ``await`` may stand at its top level. ``context`` is merged into the context of
    every call. ``key`` names the program for ever: guests keep what they compiled.
    """

    key: str
    code: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One call's arguments as JSON texts in UTF-8, checked by whoever made them.

    ``headers`` is an object of strings; ``context`` an object with at least ``event_id``, which
    seeds chance, and ``accepted_at``, which is the time the code sees.
    """

    payload: bytes
    headers: bytes
    context: bytes
