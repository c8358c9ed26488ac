"""What catalog operations change (braze.md §3.2): create, put, patch and delete of items.

A delivery whose items do not fit their catalog changes nothing at all, unlike profile operations:
:func:`read_item` is asked about every item before anything is applied. The REST API asks it too, before
it takes a request; the values are read in ``item_values.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from transformer.catalog import MAX_NAME_LENGTH, NAME, Catalog, ItemKey
from transformer.delivery import Problem
from transformer.operation import JsonObject, Kind
from transformer.trail import Trail
from transformer.writer.identity import shown
from transformer.writer.item_values import (
    is_array_operation,
    read_value,
    size_fault,
    with_elements,
)


@dataclass(frozen=True, slots=True)
class Item:
    """An item as an operation gives it, its values in the types of the catalog's fields.

    A patch may hold ``{"$add", "$remove"}`` for an array, and None for a field to remove.
    """

    key: ItemKey
    fields: JsonObject


class Shelf:
    """The catalogs and items of one batch; what an operation changed, the next one finds.

    Args:
        catalogs: those that the batch names and that exist, by name.
        documents: the stored items that the batch names.
        trails: which deliveries set their fields.
    """

    def __init__(
        self,
        *,
        catalogs: Mapping[str, Catalog],
        documents: Mapping[ItemKey, JsonObject],
        trails: Mapping[ItemKey, Trail] = MappingProxyType({}),
    ) -> None:
        self.catalogs = catalogs
        self.stored = documents
        self.changed: dict[ItemKey, JsonObject | None] = {}
        self._documents: dict[ItemKey, JsonObject | None] = dict(documents)
        self.trails: dict[ItemKey, Trail] = dict(trails)

    def document(self, key: ItemKey) -> JsonObject | None:
        """Give an item as it stands now; a changed one is another object."""
        return self._documents.get(key)

    def holds(self, key: ItemKey) -> bool:
        """Whether there is such an item."""
        return self._documents.get(key) is not None

    def create(self, item: Item, *, pointer: str) -> Problem | None:
        """Create an item that is not there."""
        if self.holds(item.key):
            return _item_already_exists(item.key, pointer)
        self.put(item)
        return None

    def put(self, item: Item) -> None:
        """Create an item, or replace it as a whole."""
        kept = {name: value for name, value in item.fields.items() if value is not None}
        self._write(item.key, kept)

    def patch(self, item: Item, *, pointer: str, counting: bool) -> Problem | None:
        """Change the given fields of an item; without ``counting``, ``$add`` was applied before."""
        held = self._documents.get(item.key)
        if held is None:
            return _item_not_found(item.key, pointer)
        changed = dict(held)
        for name, value in item.fields.items():
            if value is None:
                changed.pop(name, None)
            elif is_array_operation(value):
                elements = changed.get(name)
                changed[name] = with_elements(
                    elements if isinstance(elements, list) else [],
                    add=value.get("$add", []) if counting else [],
                    remove=value.get("$remove", []),
                )
                fault = size_fault(changed[name], f"{pointer}/{name}")
                if fault is not None:
                    return fault
            else:
                changed[name] = value
        self._write(item.key, changed)
        return None

    def delete(self, key: ItemKey, *, pointer: str) -> Problem | None:
        """Delete an item."""
        if not self.holds(key):
            return _item_not_found(key, pointer)
        self._write(key, None)
        return None

    def _write(self, key: ItemKey, document: JsonObject | None) -> None:
        self._documents[key] = document
        self.changed[key] = document


def read_item(
    described: JsonObject,
    *,
    kind: Kind,
    catalog_name: str,
    catalogs: Mapping[str, Catalog],
    pointer: str,
) -> Item | Problem:
    """Read an item as its catalog takes it, or say why its whole delivery fails."""
    catalog = catalogs.get(catalog_name)
    if catalog is None:
        return Problem(
            "catalog_not_found",
            f"Could not find catalog {shown(catalog_name)}.",
            hint="Create it first: POST /catalogs with "
            '{"catalogs": [{"name": …, "fields": [{"name": "id", "type": "string"}, …]}]}.',
            pointer="/catalog_name",
        )
    fault = id_fault(described, pointer)
    if fault is not None:
        return fault
    key = (catalog_name, described["id"])
    if kind is Kind.CATALOG_DELETE:
        return Item(key, {})
    unknown = [name for name in described if name != "id" and name not in catalog.schema]
    if unknown:
        return Problem(
            "invalid_fields",
            f"Some of the fields given do not exist in the catalog: {', '.join(unknown)}.",
            hint=f"{catalog_name} has the fields {', '.join(['id', *catalog.schema])}.",
            pointer=f"{pointer}/{unknown[0]}",
        )
    fields: JsonObject = {}
    for name, value in described.items():
        if name == "id":
            continue
        read = read_value(
            value,
            catalog=catalog,
            field=name,
            patching=kind is Kind.CATALOG_PATCH,
            pointer=f"{pointer}/{name}",
        )
        if isinstance(read, Problem):
            return read
        fields[name] = read
    return Item(key, fields)


def id_fault(described: JsonObject, pointer: str) -> Problem | None:
    """Say that an item has no id, or one that no item has."""
    item_id = described.get("id")
    if item_id is None:
        return Problem("items_missing_ids", "An item has no id.", pointer=pointer)
    at = f"{pointer}/id"
    if not isinstance(item_id, str):
        return Problem(
            "ids_not_strings",
            f"The id of an item is {shown(item_id)}; a string was expected.",
            hint="Write String(…) around it.",
            pointer=at,
        )
    if len(item_id) > MAX_NAME_LENGTH:
        return Problem(
            "ids_too_large",
            f"The id of an item has {len(item_id)} characters; at most {MAX_NAME_LENGTH} can be "
            "kept.",
            pointer=at,
        )
    if not NAME.fullmatch(item_id):
        return Problem(
            "invalid_ids",
            f"The id of an item is {shown(item_id)}; letters, digits, _ and - were expected.",
            pointer=at,
        )
    return None


def _item_already_exists(key: ItemKey, pointer: str) -> Problem:
    catalog_name, item_id = key
    return Problem(
        "item_already_exists",
        f"There is an item {item_id!r} in catalog {catalog_name!r} already.",
        hint="A PUT replaces it, a PATCH changes some of its fields.",
        pointer=f"{pointer}/id",
    )


def _item_not_found(key: ItemKey, pointer: str) -> Problem:
    catalog_name, item_id = key
    return Problem(
        "item_not_found",
        f"Could not find item {item_id!r} in catalog {catalog_name!r}.",
        hint="Only a PUT creates items.",
        pointer=f"{pointer}/id",
    )
