"""An operation: one change that a revision asks for, the unit that is checked, keyed and applied."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]


class Kind(StrEnum):
    """What an operation changes."""

    ATTRIBUTES = "attributes"
    EVENT = "event"
    PURCHASE = "purchase"
    CATALOG_PUT = "catalog.put"
    CATALOG_PATCH = "catalog.patch"
    CATALOG_DELETE = "catalog.delete"


@dataclass(frozen=True, slots=True)
class Operation:
    """One attributes, events or purchases object, or one catalog item.

    Args:
        kind: what it changes.
        position: its place in its delivery, from 0; with the event and the transformation it is
            the operation's key, the same through all attempts and replays.
        object: the object as the code returned it.
        catalog_name: the catalog of a catalog operation, else empty.
    """

    kind: Kind
    position: int
    object: JsonObject
    catalog_name: str = ""

    def as_json(self) -> JsonObject:
        """Give the shape of the API, the command line and the delivery log."""
        described: JsonObject = {"kind": self.kind.value, "object": self.object}
        if self.catalog_name:
            described["catalog_name"] = self.catalog_name
        return described


def operation_from_json(described: JsonObject, *, position: int) -> Operation:
    """Read what :meth:`Operation.as_json` wrote."""
    return Operation(
        kind=Kind(described["kind"]),
        position=position,
        object=described["object"],
        catalog_name=described.get("catalog_name", ""),
    )
