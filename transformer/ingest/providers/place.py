"""Where a value stands in a request: a header, a parameter of the URL, or a path into the payload.

A path's steps are joined by dots. A step is a key, a number in a list, ``*`` for each element, and
``key:json`` is a text that holds JSON. So ``notifications.*.id`` and ``payload:json.type``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from transformer.ingest.providers.request import Request

_JSON_STEP = ":json"


class Home(StrEnum):
    """What of a request a value is in."""

    HEADER = "header"
    QUERY = "query"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands; header names are in small letters."""

    home: Home
    name: str

    def value(self, request: Request) -> str | None:
        """Give the first value that stands there as a text; None: nothing does."""
        match self.home:
            case Home.HEADER:
                return request.header(self.name)
            case Home.QUERY:
                return request.query(self.name)
            case Home.PATH:
                return next(
                    (text for text in self.texts(request.payload) if text is not None), None
                )

    def values(self, request: Request) -> list[str | None]:
        """Give every value; None for an element of a ``*`` that has none."""
        if self.home is Home.PATH:
            return list(self.texts(request.payload))
        return [self.value(request)]

    def texts(self, payload: Any) -> Iterator[str | None]:
        """Give what a path leads to, as texts."""
        for found in find(payload, self.name):
            yield as_text(found)

    def __str__(self) -> str:
        match self.home:
            case Home.HEADER:
                return f"the header {self.name!r}"
            case Home.QUERY:
                return f"the URL's parameter {self.name!r}"
            case Home.PATH:
                return f"{self.name!r} in the body"


def find(payload: Any, path: str) -> Iterator[Any]:
    """Walk a path through a payload; gives None once for each way that leads nowhere."""
    yield from _walk(payload, path.split(".") if path else [])


def as_text(found: Any) -> str | None:
    """Write a value as it stands in JSON, a text as itself; objects, lists and null are none."""
    if isinstance(found, str):
        return found
    if found is None or isinstance(found, dict | list):
        return None
    return orjson.dumps(found).decode()


def _walk(found: Any, steps: list[str]) -> Iterator[Any]:
    for number, step in enumerate(steps):
        if step == "*" and isinstance(found, list):
            for element in found:
                yield from _walk(element, steps[number + 1 :])
            return
        key, _, is_json = (
            step.partition(_JSON_STEP) if step.endswith(_JSON_STEP) else (step, "", None)
        )
        found = _step(found, key)
        if is_json is not None and isinstance(found, str):
            try:
                found = orjson.loads(found)
            except orjson.JSONDecodeError:
                found = None
    yield found


def _step(found: Any, key: str) -> Any:
    if isinstance(found, dict):
        return found.get(key)
    if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
        return found[int(key)]
    return None
