"""Which call of the other side's API an operation goes into (braze.md §2.1, §2.4, §3.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from transformer.errors import Broken
from transformer.operation import JsonObject, Kind
from transformer.store.forwarding import Refusal
from transformer.store.outbox import Waiting

MAX_BODY_BYTES = 4 * 1_048_576
# The names of the arrays, brackets and commas between them.
ENVELOPE_BYTES = 128
MAX_OBJECTS = 75
_MAX_OTHERS = 50


@dataclass(frozen=True, slots=True)
class Call:
    """A method of a path, and how many objects it takes.

    Args:
        array: the array that the objects stand in; empty: one a kind, as /users/track has it.
        bare: the key whose value alone stands in the array; empty: the whole object.
    """

    method: str
    path: str
    most: int = _MAX_OTHERS
    array: str = ""
    bare: str = ""


TRACK = Call("POST", "/users/track", MAX_OBJECTS)
# In the order in which /users/track processes them, whatever their order in the request.
ARRAYS: dict[str, str] = {
    Kind.ATTRIBUTES.value: "attributes",
    Kind.EVENT.value: "events",
    Kind.PURCHASE.value: "purchases",
}
RANKS: dict[str, int] = {kind: rank for rank, kind in enumerate(ARRAYS)}
_METHODS: dict[str, str] = {
    Kind.CATALOG_CREATE.value: "POST",
    Kind.CATALOG_PUT.value: "PUT",
    Kind.CATALOG_PATCH.value: "PATCH",
    Kind.CATALOG_DELETE.value: "DELETE",
}
_LIFECYCLE: dict[str, Call] = {
    Kind.MERGE.value: Call("POST", "/users/merge", array="merge_updates"),
    Kind.ALIAS_NEW.value: Call("POST", "/users/alias/new", array="user_aliases"),
    Kind.ALIAS_UPDATE.value: Call("POST", "/users/alias/update", array="alias_updates"),
    Kind.RENAME.value: Call("POST", "/users/external_ids/rename", array="external_id_renames"),
    Kind.REMOVE.value: Call(
        "POST", "/users/external_ids/remove", array="external_ids", bare="external_id"
    ),
}
# By the identifier that the object has; one kind of it a call.
_IDENTIFY: dict[str, Call] = {
    "user_alias": Call("POST", "/users/identify", array="aliases_to_identify"),
    "email": Call("POST", "/users/identify", array="emails_to_identify"),
    "phone": Call("POST", "/users/identify", array="phone_numbers_to_identify"),
}
_DELETE: dict[str, Call] = {
    "external_id": Call("POST", "/users/delete", array="external_ids", bare="external_id"),
    "user_alias": Call("POST", "/users/delete", array="user_aliases", bare="user_alias"),
    "email": Call("POST", "/users/delete", array="email_addresses"),
    "phone": Call("POST", "/users/delete", array="phone_numbers"),
}
# What all objects may have in common, though they mean different profiles.
_NO_NAMES = frozenset({"alias_label", "prioritization"})


def call_of(row: Waiting) -> Call:
    """Give the call that takes an operation."""
    if row.kind in ARRAYS:
        return TRACK
    if row.kind in _METHODS:
        return Call(_METHODS[row.kind], f"/catalogs/{row.catalog_name}/items", array="items")
    if row.kind in _LIFECYCLE:
        return _LIFECYCLE[row.kind]
    choices = {Kind.IDENTIFY: _IDENTIFY, Kind.DELETE: _DELETE}.get(Kind(row.kind), {})
    described = orjson.loads(row.object)
    for name, call in choices.items():
        if name in described:
            return call
    raise Broken(f"An operation of the kind {row.kind!r} cannot be forwarded.")


def unsendable(row: Waiting) -> Refusal | None:
    """Say why an operation cannot be sent at all, where that is so."""
    if ENVELOPE_BYTES + len(row.object) + 1 > MAX_BODY_BYTES:
        return Refusal("object_too_large", f"The object has {len(row.object)} bytes.")
    if b'"braze_id":' in row.object and orjson.loads(row.object).get("braze_id") is not None:
        return Refusal(
            "no_common_identifier",
            "Only its braze_id names the profile, which is known here and nowhere else.",
        )
    return None


def element_of(row: Waiting, call: Call) -> bytes:
    """Give what stands for an operation in its call's array."""
    if not call.bare:
        return row.object
    described: JsonObject = orjson.loads(row.object)
    return orjson.dumps(described[call.bare])


def names_in(row: Waiting) -> frozenset[str]:
    """Give every text in an object: whatever may name a profile in it."""
    return frozenset(_texts(orjson.loads(row.object)))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for name, held in value.items():
                if name not in _NO_NAMES:
                    yield from _texts(held)
        case list():
            for held in value:
                yield from _texts(held)
        case _:
            pass
