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


# Not frozen, though nothing changes it: there is one for each event (see Returned).
@dataclass(slots=True)
class Call:
    """One call's arguments as JSON texts in UTF-8, checked by whoever made them.

    ``headers`` is an object of strings; ``context`` an object with at least ``event_id``, which
    seeds chance, and ``accepted_at``, which is the time the code sees.
    """

    payload: bytes
    headers: bytes
    context: bytes


def can_see(code: str, parameter: str) -> bool:
    r"""Say whether code can reach one of its parameters; only text that names it can.

    Code from strings is refused, so there is no other text than this. A name may be spelled with
    escapes (``h\u0065aders``), and ``arguments`` holds them all.
    """
    return any(word in code for word in (parameter, "arguments", "\\u"))
