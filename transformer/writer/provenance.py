"""Who set what: what one delivery changes, for its entry in the log and for the trails of what it changes.

While a delivery is settled, each operation notes in a :class:`ProfileChanges` what it writes. At its
end the delivery is credited on the profile's trail, and a record of the changes goes into the log. The
trail is written in the row of its profile, so it is as exact as the profile is, after a crash too.

The rules, each a test in tests/contract/test_writer_provenance.py:

- a value is set by the delivery that *changed* it: giving again what is there changes nothing;
- an event or a purchase always changes its summary, unless it was counted before;
- what a delivery changes and takes back is not changed.
"""

from typing import Any, Self

import orjson

from transformer.catalog import ItemKey
from transformer.operation import JsonObject
from transformer.trail import (
    CUSTOM_ATTRIBUTE,
    CUSTOM_EVENT,
    FIELD,
    PURCHASE,
    Code,
    Trail,
    Trailed,
    enter,
    join,
)
from transformer.writer.profile import Profile
from transformer.writer.values import is_same

# A value that is longer as JSON is told by its length: a record must stay a small part of its
# delivery, and an attribute may grow to 100 KB.
MAX_TOLD_LENGTH = 1_000

_SCALARS = frozenset({str, int, float, bool})
_STRUCTURES = frozenset({dict, list})
_ADDRESSES = ("external_id", "email", "phone")
# Of so many profiles that went up in one their changes are found in the log.
_MOST_MERGED = 10


class ProfileChanges:
    """What one delivery changes of one profile; this runs for each webhook.

    Args:
        set_: key of a field, an identifier or a custom attribute → (before, after), None where there
            is no value.
        counted: key of an event or a purchase → the positions of the operations counted.
        more: what else its record says, such as which profile went up in it.
    """

    __slots__ = ("_known", "_odd", "counted", "created", "more", "profile", "set_")

    def __init__(self, profile: Profile, *, created: bool) -> None:
        self.profile = profile
        self.created = created
        self.set_: dict[str, tuple[Any, Any]] = {}
        self.counted: dict[str, list[int]] = {}
        self.more: JsonObject | None = None
        # Values of which the trail says already who set them.
        self._known: set[str] | None = None
        # Whether something is removed, or may be too long to be told.
        self._odd = False
        if created:
            for name in _ADDRESSES:
                value = getattr(profile, name)
                if value is not None:
                    self.set_[FIELD + name] = (None, value)

    def write(self, prefix: str, held: JsonObject, given: JsonObject) -> None:
        """Write what is given over what is held, None removes, and note what that changes."""
        for name, value in given.items():
            before = held.get(name)
            if before == value and (type(value) is str or is_same(before, value)):
                continue
            self.note(prefix + name, before, value)
            if value is not None:
                held[name] = value
            else:
                del held[name]

    def note(self, key: str, before: Any, after: Any) -> None:
        """Note that a value becomes another one."""
        if key in self.set_:
            before = self.set_[key][0]
            if is_same(before, after):
                del self.set_[key]
                return
        if type(after) not in _SCALARS or type(before) in _STRUCTURES:
            self._odd = True
        self.set_[key] = (before, after)

    def count(self, key: str, position: int) -> None:
        """Note that the operation at this position is counted in a summary."""
        if key in self.counted:
            self.counted[key].append(position)
        else:
            self.counted[key] = [position]

    def credit(self, code: Code) -> JsonObject | None:
        """Credit a delivery with these changes, and give the record of them; None: nothing changed."""
        if not (self.set_ or self.counted or self.created or self.more):
            return None
        profile = self.profile
        place, gone = enter(profile, code, created=self.created, eventful=bool(self.counted))
        if place:
            known, places = self._known, profile.places
            for key in self.set_:
                if known is None or key not in known:
                    places[key] = place
            for key in self.counted:
                places[key] = place
        if self._odd:
            _tell_apart(self.set_, profile)
        if gone is not None:
            self.tell("earlier", value=(gone.deliveries, gone.earlier))
        return self._record()

    def _record(self) -> JsonObject:
        record: JsonObject = {"profile_id": self.profile.id}
        if self.created:
            record["created"] = True
        if self.set_:
            record["set"] = self.set_
        if self.counted:
            record["counted"] = self.counted
        return record | self.more if self.more else record

    def tell(self, name: str, *, value: Any) -> None:
        """Let the record say something more."""
        self.more = {**(self.more or {}), name: value}

    def add(self, name: str, told: Any) -> None:
        """Add something to a list of the record, such as an alias."""
        self.tell(name, value=[*(self.more or {}).get(name, ()), told])

    def note_all(self, prefix: str, before: JsonObject, after: JsonObject) -> None:
        """Note what is not the same before and after, where nothing was removed."""
        for name, value in after.items():
            if not is_same(before.get(name), value):
                self.note(prefix + name, before.get(name), value)

    def absorb(self, gone: Self) -> None:
        """Take over who set what from a profile that goes up in this one.

        Call it before the data of the two are merged: what this one lacks it gets, with who set it; a
        summary that is added up was set by the later delivery of the two. What the merge makes of
        values that both have is its own: note it behind this call.

        Args:
            gone: what the same delivery changed of the profile that goes up in this one.
        """
        profile, other = self.profile, gone.profile
        taken: dict[str, Any] = {}
        for name in _ADDRESSES:
            if getattr(profile, name) is None and getattr(other, name) is not None:
                taken[FIELD + name] = getattr(other, name)
        for prefix, held, given in (
            (FIELD, profile.fields, other.fields),
            (CUSTOM_ATTRIBUTE, profile.custom_attributes, other.custom_attributes),
        ):
            taken |= {prefix + name: value for name, value in given.items() if name not in held}
        counted = [CUSTOM_EVENT + name for name in other.custom_events]
        counted += [PURCHASE + name for name in other.purchases]
        if other.total_revenue:
            counted.append(f"{FIELD}total_revenue")
        mine = {CUSTOM_EVENT + name for name in profile.custom_events}
        mine |= {PURCHASE + name for name in profile.purchases}
        if profile.total_revenue:
            mine.add(f"{FIELD}total_revenue")
        new = [key for key in counted if key not in mine]
        join(profile, other, taken=[*taken, *new], summed=[key for key in counted if key in mine])
        for key, value in taken.items():
            self.note(key, None, value)
        # What this very delivery set on the other is its own here too.
        fresh = gone.set_.keys() - (gone._known or ())
        self._known = {*(self._known or ()), *taken, *counted} - fresh
        for key, positions in gone.counted.items():
            for position in positions:
                self.count(key, position)
        self.add("merged", other.id)
        gone.tell("merged_into", value=profile.id)
        profile.merged = (*profile.merged, *other.merged, other.id)[-_MOST_MERGED:]


class ItemChanges:
    """What one delivery changes of one catalog item: the item as it stood before, None where it did not."""

    __slots__ = ("before", "key")

    def __init__(self, key: ItemKey, before: JsonObject | None) -> None:
        self.key = key
        self.before = before

    def credit(self, code: Code, *, after: JsonObject | None, trail: Trail) -> JsonObject | None:
        """Credit a delivery with these changes, and give the record of them; None: nothing changed.

        Args:
            code: the delivery's.
            after: the item as it stands now, None where it does not.
            trail: the item's; it begins anew where the item was deleted.
        """
        before, held = self.before or {}, after or {}
        set_: dict[str, tuple[Any, Any]] = {
            FIELD + name: (before.get(name), held.get(name))
            for name in {**before, **held}
            if not is_same(before.get(name), held.get(name))
        }
        created, deleted = self.before is None and after is not None, after is None
        if not (set_ or created or (deleted and self.before is not None)):
            return None
        record: JsonObject = {"catalog_name": self.key[0], "item_id": self.key[1]}
        if created:
            record["created"] = True
        if deleted:
            record["deleted"] = True
            trail.deliveries, trail.places, trail.earlier = "", {}, ""
        else:
            place, gone = enter(trail, code, created=created, eventful=False)
            if gone is not None:
                record["earlier"] = (gone.deliveries, gone.earlier)
            if place:
                trail.places.update(dict.fromkeys(set_, place))
        _tell_apart(set_, trail)
        if set_:
            record["set"] = set_
        return record


def _tell_apart(set_: dict[str, tuple[Any, Any]], trail: Trailed) -> None:
    """Forget the places of what was removed, and shorten what is too long to be told."""
    for key, (before, after) in set_.items():
        set_[key] = (_told(before), _told(after))
        if after is None:
            trail.places.pop(key, None)


def _told(value: Any) -> Any:
    """Give a value for the log; a long one as ``{"$length": …}``, which no value can be."""
    kind = type(value)
    if kind is str:
        length = len(value)
    elif kind in _STRUCTURES:
        length = len(orjson.dumps(value))
    else:
        return value
    return value if length <= MAX_TOLD_LENGTH else {"$length": length}
