"""A trail: which deliveries gave a profile or a catalog item the values that it has.

It stands in the row of what it is about, and is as small as can be, because that row is written for
each webhook: every 8 KB of pages that a batch changes cost the writer 23 µs.

``deliveries`` are those that changed something, as a text of codes in the order in which they were
applied; ``places`` says of a value's key which of them set it, by its number. A value that is not
named there was set by the first one, as most are. When there are too many, those are left out that
are neither among the last ones nor set a value that is still there (:func:`fold`), so a trail is
bounded by the number of values.

A code is an id's 128 bits in 22 characters, with a mark: did the delivery bring events or purchases?
Of those and of the others the last ones are kept apart, so that a value that changes every minute does
not push out the orders.
"""

import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from transformer.ids import DeliveryId

Code: TypeAlias = str
Places: TypeAlias = dict[str, int]

# What a key begins with; the name of the value comes behind it.
FIELD = "f:"
CUSTOM_ATTRIBUTE = "a:"
CUSTOM_EVENT = "e:"
PURCHASE = "p:"

# A hundred deliveries with events hold at least the hundred events that are shown of a profile.
KEPT_EVENTFUL = 100
KEPT_OTHERS = 28
# How many more there may be before they are sorted out, which takes as long as a few deliveries.
SLACK = 24

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


@dataclass(slots=True)
class Trail:
    """The trail of a catalog item; a profile has its own in itself."""

    deliveries: str = ""
    places: Places = field(default_factory=dict)


def code_of(delivery_id: DeliveryId) -> Code:
    """Write a delivery's id as trails keep it."""
    return binascii.b2a_base64(bytes.fromhex(delivery_id[4:]))[:_CODE].decode()


def enter(trail: Trailed, code: Code, *, created: bool, eventful: bool) -> int:
    """Note a delivery that changed something, and give its place.

    Args:
        trail: whose trail.
        code: the delivery's.
        created: whether it made what the trail is of; else a trail that is empty lacks its beginning.
        eventful: whether it brought events or purchases.
    """
    deliveries = trail.deliveries
    place = len(deliveries) // _ENTRY
    if place >= _FEWEST_FULL and not place % _LOOKED_AT and is_full(trail):
        fold(trail)
        deliveries = trail.deliveries
        place = len(deliveries) // _ENTRY
    elif not place and not created:
        deliveries, place = _UNKNOWN, 1
    trail.deliveries = deliveries + code + (_EVENTFUL if eventful else _OTHER)
    return place


def is_full(trail: Trailed) -> bool:
    """Say whether it is time to fold; there is room for at least :data:`SLACK` deliveries then."""
    others = trail.deliveries.count(_OTHER)
    most = KEPT_OTHERS + SLACK + 1 + len(trail.places)
    return others >= most or len(trail.deliveries) // _ENTRY >= KEPT_EVENTFUL + most


def fold(trail: Trailed) -> None:
    """Leave out what is neither the first, nor among the last ones, nor set a value that is there."""
    entries = [*_entries(trail.deliveries)]
    kept = {0, *trail.places.values()}
    for mark, most in ((_EVENTFUL, KEPT_EVENTFUL), (_OTHER, KEPT_OTHERS)):
        kept.update([at for at, entry in enumerate(entries) if entry[_CODE] == mark][-most:])
    moved = {old: new for new, old in enumerate(sorted(kept))}
    trail.places = {key: moved[place] for key, place in trail.places.items()}
    trail.deliveries = "".join(entries[place] for place in moved)


def join(trail: Trailed, other: Trailed, *, taken: Iterable[str], summed: Iterable[str]) -> None:
    """Let the trail of a profile take in the one of a profile that goes up in it.

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
    if is_full(trail):
        fold(trail)


def setters(trail: Trailed, keys: Iterable[str]) -> dict[str, DeliveryId]:
    """Say which delivery set the value of each of these keys; what is not known is left out."""
    ids = [_delivery_of(entry) for entry in _entries(trail.deliveries)]
    found = {key: ids[trail.places.get(key, 0)] for key in keys} if ids else {}
    return {key: id_ for key, id_ in found.items() if id_ is not None}


def latest(trail: Trailed, *, eventful_only: bool = False) -> list[DeliveryId]:
    """List the deliveries that are kept, the one that was applied last first."""
    ids = [
        _delivery_of(entry)
        for entry in _entries(trail.deliveries)
        if entry[_CODE] == _EVENTFUL or not eventful_only
    ]
    return [id_ for id_ in reversed(ids) if id_ is not None]


_FEWEST_FULL = KEPT_OTHERS + SLACK
# Counting costs half a microsecond: every eighth time is often enough.
_LOOKED_AT = 8


def _entries(deliveries: str) -> Iterator[str]:
    return (deliveries[at : at + _ENTRY] for at in range(0, len(deliveries), _ENTRY))


def _moment(entry: str) -> bytes:
    """Give what sorts entries by when their deliveries were made; their codes do not."""
    return binascii.a2b_base64(entry[:_CODE] + "==")


def _delivery_of(entry: str) -> DeliveryId | None:
    if entry == _UNKNOWN:
        return None
    return DeliveryId(f"dlv_{_moment(entry).hex()}")
