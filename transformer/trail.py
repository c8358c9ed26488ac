"""A trail: which deliveries gave a profile or a catalog item the values that it has.

It stands in the row of what it is about, and is as small as can be, because that row is written for
each webhook: every 8 KB of pages that a batch changes cost the writer 23 µs.

``deliveries`` are those that changed something, as a text of codes in the order in which they were
applied; ``places`` says of a value's key which of them set it, by its number. A value that is not
named there was set by the first one, as most are. When there are too many, those go that are neither
among the last ones nor set a value that is still there (:func:`fold`), so a trail is bounded by the
number of values. Those that go stand from then on in the log, in the entry of the delivery that came
just then: ``earlier`` names the last such entries, and each of them the ones before it.

A code is an id's 128 bits in 22 characters, with a mark: did the delivery bring events or purchases?
Of those and of the others the last ones are kept apart, so that a value that changes every minute does
not push out the orders.
"""

import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from transformer.ids import DeliveryId

Code: TypeAlias = str
Places: TypeAlias = dict[str, int]

# What a key begins with; the name of the value comes behind it.
FIELD = "f:"
CUSTOM_ATTRIBUTE = "a:"
CUSTOM_EVENT = "e:"
PURCHASE = "p:"
PREFIXES = {
    "fields": FIELD,
    "custom_attributes": CUSTOM_ATTRIBUTE,
    "custom_events": CUSTOM_EVENT,
    "purchases": PURCHASE,
}

KEPT_EVENTFUL = 16
KEPT_OTHERS = 8
# How many more there may be before they are sorted out, which takes as long as a few deliveries.
SLACK = 24
# How many entries of the log with earlier ones are named: a replay may leave the log early.
_KEPT_EARLIER = 4

_CODE = 22
_ENTRY = _CODE + 1
_EVENTFUL = "!"
_OTHER = "."
# Who set what was there before trails were kept.
_UNKNOWN = "A" * _CODE + _OTHER


class Trailed(Protocol):
    """What has a trail."""

    deliveries: str
    places: Places
    earlier: str


@dataclass(slots=True)
class Trail:
    """The trail of a catalog item; a profile has its own in itself."""

    deliveries: str = ""
    places: Places = field(default_factory=dict)
    earlier: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """Deliveries that left a trail, for the log: as ``deliveries`` and ``earlier`` were in the trail."""

    deliveries: str
    earlier: str


def code_of(delivery_id: DeliveryId) -> Code:
    """Write a delivery's id as trails keep it."""
    return binascii.b2a_base64(bytes.fromhex(delivery_id[4:]))[:_CODE].decode()


def enter(trail: Trailed, code: Code, *, created: bool, eventful: bool) -> tuple[int, Gone | None]:
    """Note a delivery that changed something; give its place, and what left the trail for it.

    Args:
        trail: whose trail.
        code: the delivery's.
        created: whether it made what the trail is of; else a trail that is empty lacks its beginning.
        eventful: whether it brought events or purchases.
    """
    deliveries = trail.deliveries
    place = len(deliveries) // _ENTRY
    gone = None
    if place >= _FEWEST_FULL and (not place % _LOOKED_AT or place > _MANY) and is_full(trail):
        gone = fold(trail)
        trail.earlier = (trail.earlier + code)[-_KEPT_EARLIER * _CODE :]
        deliveries = trail.deliveries
        place = len(deliveries) // _ENTRY
    elif not place and not created:
        deliveries, place = _UNKNOWN, 1
    trail.deliveries = deliveries + code + (_EVENTFUL if eventful else _OTHER)
    return place, gone


def is_full(trail: Trailed) -> bool:
    """Say whether it is time to fold; there is room for at least :data:`SLACK` deliveries then."""
    others = trail.deliveries.count(_OTHER)
    most = KEPT_OTHERS + SLACK + 1 + len(trail.places)
    return others >= most or len(trail.deliveries) // _ENTRY >= KEPT_EVENTFUL + most


def fold(trail: Trailed) -> Gone:
    """Take out what is neither the first, nor among the last ones, nor set a value that is there."""
    entries = [*_entries(trail.deliveries)]
    kept = {0, *trail.places.values()}
    for mark, most in ((_EVENTFUL, KEPT_EVENTFUL), (_OTHER, KEPT_OTHERS)):
        kept.update([at for at, entry in enumerate(entries) if entry[_CODE] == mark][-most:])
    moved = {old: new for new, old in enumerate(sorted(kept))}
    trail.places = {key: moved[place] for key, place in trail.places.items()}
    trail.deliveries = "".join(entries[place] for place in moved)
    taken = (entry for at, entry in enumerate(entries) if at not in moved)
    return Gone("".join(taken), trail.earlier)


def join(trail: Trailed, other: Trailed, *, taken: Iterable[str], summed: Iterable[str]) -> None:
    """Let the trail of a profile take in the one of a profile that goes up in it; it may be full then.

    Args:
        trail: of the profile that is kept.
        other: of the one that is merged into it.
        taken: the keys of values that the kept profile gets from the other.
        summed: the keys of values that are made of both; the later delivery of the two set them.
    """
    own = [*_entries(trail.deliveries)] or [_UNKNOWN]
    theirs = [*_entries(other.deliveries)] or [_UNKNOWN]
    first, rest = own[0], {entry[:_CODE]: entry for entry in own[1:] + theirs}
    rest.pop(first[:_CODE], None)
    # A delivery may have brought events to one of the two alone.
    rest |= {entry[:_CODE]: entry for entry in own + theirs if entry[_CODE] == _EVENTFUL}
    entries = [rest.pop(first[:_CODE], first), *sorted(rest.values(), key=_moment)]
    at = {entry[:_CODE]: place for place, entry in enumerate(entries)}
    ours = {key: at[own[place][:_CODE]] for key, place in trail.places.items()}
    for key in taken:
        ours[key] = at[theirs[other.places.get(key, 0)][:_CODE]]
    for key in summed:
        both = own[trail.places.get(key, 0)], theirs[other.places.get(key, 0)]
        ours[key] = at[max(both, key=_moment)[:_CODE]]
    trail.deliveries, trail.places = "".join(entries), ours
    trail.earlier += other.earlier


def setters(trail: Trailed, keys: Iterable[str]) -> dict[str, DeliveryId]:
    """Say which delivery set the value of each of these keys; what is not known is left out."""
    ids = [_delivery_of(entry) for entry in _entries(trail.deliveries)]
    found = {key: ids[trail.places.get(key, 0)] for key in keys} if ids else {}
    return {key: id_ for key, id_ in found.items() if id_ is not None}


def latest(
    deliveries: str, earlier: Iterable[str] = (), *, eventful_only: bool = False
) -> list[DeliveryId]:
    """List deliveries, the one that was applied last first.

    Each text is in the order of applying. How several go together is told by the ids, which sort in
    the order of their making: nearly the same, but a retry was made long before it is applied, and
    stays behind the one before it.

    Args:
        deliveries: of a trail.
        earlier: of what left it.
        eventful_only: only those that brought events or purchases.
    """
    found: dict[Code, tuple[bytes, int]] = {}
    number = 0
    for text in (deliveries, *earlier):
        high = b""
        for entry in _entries(text):
            number += 1
            high = max(high, _moment(entry))
            if entry != _UNKNOWN and (entry[_CODE] == _EVENTFUL or not eventful_only):
                found[entry[:_CODE]] = (high, number)
    return [_id_of(code) for code in sorted(found, key=found.__getitem__, reverse=True)]


def entries_with_earlier(earlier: str) -> list[DeliveryId]:
    """List the deliveries in whose log entries earlier ones stand, the last one first."""
    codes = [earlier[at : at + _CODE] for at in range(0, len(earlier), _CODE)]
    return [_id_of(code) for code in reversed(codes)]


_FEWEST_FULL = KEPT_OTHERS + SLACK
# Counting costs half a microsecond: every eighth time is often enough.
_LOOKED_AT = 8
_MANY = 100


def _entries(deliveries: str) -> Iterator[str]:
    return (deliveries[at : at + _ENTRY] for at in range(0, len(deliveries), _ENTRY))


def _moment(entry: str) -> bytes:
    """Give what sorts entries by when their deliveries were made; their codes do not."""
    return binascii.a2b_base64(entry[:_CODE] + "==")


def _delivery_of(entry: str) -> DeliveryId | None:
    if entry == _UNKNOWN:
        return None
    return _id_of(entry[:_CODE])


def _id_of(code: Code) -> DeliveryId:
    return DeliveryId(f"dlv_{_moment(code).hex()}")


def by_part(record: Mapping[str, Any], of: str) -> dict[str, Any]:
    """Give what a record has under ``set`` or ``counted``, by the part of the profile and the name.

    Args:
        record: of what a delivery changed, as the log keeps it.
        of: ``set`` or ``counted``.
    """
    parts: dict[str, Any] = {}
    for key, told in record.get(of, {}).items():
        part, name = part_and_name(key)
        parts.setdefault(part, {})[name] = told
    return parts


def part_and_name(key: str) -> tuple[str, str]:
    """Take a key apart: a part of the profile, and a name in it."""
    return next(
        (part, key[len(prefix) :]) for part, prefix in PREFIXES.items() if key.startswith(prefix)
    )
