"""What catalog operations change (braze.md §3.2): put, patch and delete of items.

A delivery whose items do not fit their catalog changes nothing at all, unlike profile operations:
:func:`read_item` is asked about every item before anything is applied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from transformer.delivery import Problem
from transformer.operation import JsonObject, Kind
from transformer.store.catalogs import MAX_NAME_LENGTH, NAME, FieldType, ItemKey, Schema
from transformer.writer.identity import shown
from transformer.writer.times import read_time

MAX_VALUE_LENGTH = 5_000
MAX_NESTING = 50
_ARRAY_OPERATIONS = frozenset({"$add", "$remove"})


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
        schemas: the catalogs that the batch names and that exist.
        documents: the stored items that the batch patches or deletes.
    """

    def __init__(
        self, *, schemas: Mapping[str, Schema], documents: Mapping[ItemKey, JsonObject]
    ) -> None:
        self.schemas = schemas
        self.changed: dict[ItemKey, JsonObject | None] = {}
        self._documents: dict[ItemKey, JsonObject | None] = dict(documents)

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
            elif isinstance(value, dict) and value and value.keys() <= _ARRAY_OPERATIONS:
                elements = changed.get(name)
                changed[name] = _with_elements(
                    elements if isinstance(elements, list) else [],
                    add=value.get("$add", []) if counting else [],
                    remove=value.get("$remove", []),
                )
            else:
                changed[name] = value
        self._write(item.key, changed)
        return None

    def delete(self, key: ItemKey, *, pointer: str) -> Problem | None:
        """Delete an item."""
        if self._documents.get(key) is None:
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
    schemas: Mapping[str, Schema],
    pointer: str,
) -> Item | Problem:
    """Read an item as its catalog takes it, or say why its whole delivery fails."""
    schema = schemas.get(catalog_name)
    if schema is None:
        return Problem(
            "catalog_not_found",
            f"Could not find catalog {shown(catalog_name)}.",
            hint="Create it first: POST /catalogs with "
            '{"catalogs": [{"name": …, "fields": [{"name": "id", "type": "string"}, …]}]}.',
            pointer="/catalog_name",
        )
    fault = _id_fault(described, pointer)
    if fault is not None:
        return fault
    key = (catalog_name, described["id"])
    if kind is Kind.CATALOG_DELETE:
        return Item(key, {})
    unknown = [name for name in described if name != "id" and name not in schema]
    if unknown:
        return Problem(
            "invalid_fields",
            f"Some of the fields given do not exist in the catalog: {', '.join(unknown)}.",
            hint=f"{catalog_name} has the fields id, {', '.join(schema)}.",
            pointer=f"{pointer}/{unknown[0]}",
        )
    fields: JsonObject = {}
    for name, value in described.items():
        if name == "id":
            continue
        read = _read_value(
            value, schema[name], patching=kind is Kind.CATALOG_PATCH, pointer=f"{pointer}/{name}"
        )
        if isinstance(read, Problem):
            return read
        fields[name] = read
    return Item(key, fields)


def _id_fault(described: JsonObject, pointer: str) -> Problem | None:
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


def _read_value(value: Any, kind: FieldType, *, patching: bool, pointer: str) -> Any:
    if value is None:
        return None
    if isinstance(value, dict | list):
        fault = _structure_fault(value, pointer, patching=patching and kind is FieldType.ARRAY)
        if fault is not None:
            return fault
    coerced = _coerced(value, kind, patching=patching)
    if coerced is None:
        return Problem(
            "unable_to_coerce_value",
            f"{shown(value)} was found; the field's type is {kind}.",
            pointer=pointer,
        )
    size = len(coerced) if isinstance(coerced, str) else len(orjson.dumps(coerced))
    if size > MAX_VALUE_LENGTH:
        return Problem(
            "items_too_large",
            f"A value has {size} characters; at most {MAX_VALUE_LENGTH} can be kept.",
            pointer=pointer,
        )
    return coerced


def _coerced(  # noqa: C901, PLR0911 - a table: one line a type and a form
    value: Any, kind: FieldType, *, patching: bool
) -> Any:
    """Give the value in the field's type; None if it has no such form."""
    match kind, value:
        case (FieldType.STRING, str()) | (FieldType.BOOLEAN, bool()) | (FieldType.OBJECT, dict()):
            return value
        case FieldType.STRING, bool():
            return "true" if value else "false"
        case FieldType.STRING, int() | float():
            return str(value)
        case FieldType.NUMBER, bool():
            return None
        case FieldType.NUMBER, int() | float():
            return value
        case FieldType.NUMBER, str():
            return _number(value)
        case FieldType.BOOLEAN, str():
            return {"true": True, "false": False}.get(value.lower())
        case FieldType.TIME, _:
            return read_time(value)
        case FieldType.ARRAY, list():
            return value
        case FieldType.ARRAY, dict() if patching and value and value.keys() <= _ARRAY_OPERATIONS:
            return value if all(isinstance(part, list) for part in value.values()) else None
        case _:
            return None


def _number(text: str) -> int | float | None:
    try:
        number = orjson.loads(text.strip())
    except orjson.JSONDecodeError:
        return None
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return number if is_number else None


def _structure_fault(value: Any, pointer: str, *, patching: bool) -> Problem | None:
    level = [value]
    for depth in range(MAX_NESTING + 1):
        deeper: list[Any] = []
        for part in level:
            if isinstance(part, dict):
                operations = patching and depth == 0 and part.keys() <= _ARRAY_OPERATIONS
                for name in part:
                    if not operations and ("." in name or "$" in name):
                        return Problem(
                            "invalid_keys_in_value_object",
                            f"The key {shown(name)} holds a dot or a dollar sign.",
                            pointer=pointer,
                        )
                deeper.extend(part.values())
            elif isinstance(part, list):
                deeper.extend(part)
        if not deeper:
            return None
        level = deeper
    return Problem(
        "too_deep_nesting_in_value_object",
        f"The value is nested deeper than {MAX_NESTING} levels.",
        pointer=pointer,
    )


def _with_elements(held: list[Any], *, add: list[Any], remove: list[Any]) -> list[Any]:
    kept = list(held)
    kept += [element for element in add if element not in kept]
    return [element for element in kept if element not in remove]


def _item_not_found(key: ItemKey, pointer: str) -> Problem:
    catalog_name, item_id = key
    return Problem(
        "item_not_found",
        f"Could not find item {item_id!r} in catalog {catalog_name!r}.",
        hint="Only a PUT creates items.",
        pointer=f"{pointer}/id",
    )
