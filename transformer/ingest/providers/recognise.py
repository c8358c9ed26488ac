"""Whose webhook is this? By the headers that only one provider sends, else by the payload's shape.

For offering a pack to a person; nothing is decided by it. What is recognised is not yet verified.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from transformer.ingest.providers.pack import Pack
from transformer.ingest.providers.place import Home, Place, find
from transformer.ingest.providers.request import Request

_HEADER_WEIGHT = 8
# Less than a shape of three signs: many providers sign as Standard Webhooks has it.
_HEADER_VALUE_WEIGHT = 5
_VALUE_WEIGHT = 2
_ANYTHING = "*"


@dataclass(frozen=True, slots=True)
class Likeness:
    """A pack that a request is like, by what (in words), and how much.

    ``is_certain``: a header says so that nobody else sends.
    """

    pack: Pack
    weight: int
    is_certain: bool
    why: tuple[str, ...]


def recognise(request: Request, packs: Iterable[Pack]) -> list[Likeness]:
    """Give the packs that a request is like, the most alike first."""
    found = [likeness for pack in packs if (likeness := _likeness(request, pack)) is not None]
    return sorted(found, key=lambda one: (-one.weight, one.pack.name))


def _likeness(request: Request, pack: Pack) -> Likeness | None:
    signs = pack.signs
    heads = [f"the header {name}" for name in signs.headers if request.header(name) is not None]
    weight = _HEADER_WEIGHT * len(heads)
    told = [
        (place, text)
        for place, text in signs.values
        if place.home is not Home.PATH and _is_like(place.value(request), text)
    ]
    weight += _HEADER_VALUE_WEIGHT * len(told)
    shaped = _shape(request, pack)
    weight += _VALUE_WEIGHT * len(shaped)
    why = [*heads, *(f"{place} is {text}" for place, text in told), *shaped]
    if not why:
        return None
    return Likeness(pack, weight, bool(heads), tuple(why))


def _shape(request: Request, pack: Pack) -> list[str]:
    """Say what of the payload is the provider's; nothing unless all of it is."""
    values = [(place, text) for place, text in pack.signs.values if place.home is Home.PATH]
    if not values and not pack.signs.paths:
        return []
    payload = request.payload
    if not all(_has(payload, path) for path in pack.signs.paths):
        return []
    if not all(_any_like(place, payload, text) for place, text in values):
        return []
    return [
        *(f"{path} in the body" for path in pack.signs.paths),
        *(f"{place} is {text}" for place, text in values),
    ]


def _has(payload: object, path: str) -> bool:
    return any(found is not None for found in find(payload, path))


def _any_like(place: Place, payload: object, text: str) -> bool:
    return any(_is_like(found, text) for found in place.texts(payload))


def _is_like(value: str | None, text: str) -> bool:
    if value is None:
        return False
    if text.endswith(_ANYTHING):
        return value.startswith(text.removesuffix(_ANYTHING))
    return value == text
