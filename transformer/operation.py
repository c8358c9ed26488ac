"""An operation: one change that a revision asks for, the unit that is checked, keyed and applied."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from transformer.ids import EventId, TransformationId

JsonObject: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]


class Kind(StrEnum):
    """What an operation changes."""

    ATTRIBUTES = "attributes"
    EVENT = "event"
    PURCHASE = "purchase"
    ALIAS_NEW = "alias.new"
    ALIAS_UPDATE = "alias.update"
    IDENTIFY = "identify"
    MERGE = "merge"
    RENAME = "external_id.rename"
    REMOVE = "external_id.remove"
    DELETE = "delete"
    CATALOG_CREATE = "catalog.create"
    CATALOG_PUT = "catalog.put"
    CATALOG_PATCH = "catalog.patch"
    CATALOG_DELETE = "catalog.delete"


# Calling the enumeration costs several times a look-up.
_KINDS = {kind.value: kind for kind in Kind}


class Operation(NamedTuple):
    """One attributes, events or purchases object, one change of who a profile is, or one catalog item.

    Args:
        kind: what it changes.
        position: its place in its delivery, from 0; with the event and the transformation it is
            the operation's key, the same through all attempts and replays.
        object: the object as the code returned it.
        path: where in the output the object stands, such as ``("attributes", 0)``.
        catalog_name: the catalog of a catalog operation, else empty.
    """

    kind: Kind
    position: int
    object: JsonObject
    path: Path
    catalog_name: str = ""

    def as_json(self) -> JsonObject:
        """Give the shape of the API, the command line and the delivery log."""
        described: JsonObject = {"kind": self.kind.value, "object": self.object}
        if self.catalog_name:
            described["catalog_name"] = self.catalog_name
        return described

    def as_reference(self) -> tuple[str, Path, str]:
        """Give (kind, path, catalog name): what is needed beside the output to find it again.

        The object already stands in the output; written out again, it would make everything that a
        delivery leaves behind half as large again.
        """
        return (self.kind.value, self.path, self.catalog_name)


def operation_key(
    event_id: EventId, transformation_id: TransformationId | None, position: int
) -> str:
    """Name an operation for ever, whichever attempt, replay or revision asks for it.

    What an operation counts is counted once for its key.
    """
    return f"{event_id}/{transformation_id or '-'}/{position}"


def operations_of(
    output: Any, references: Iterable[tuple[str, Iterable[str | int], str]]
) -> list[Operation]:
    """Find the operations in an output that :meth:`Operation.as_reference` told of."""
    operations = []
    for position, (kind, path, catalog_name) in enumerate(references):
        described = output
        for step in path:
            described = described[step]
        operations.append(Operation(_KINDS[kind], position, described, tuple(path), catalog_name))
    return operations
