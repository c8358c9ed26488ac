"""The statement that finds the items of a selection, on either database."""

from collections.abc import Callable, Mapping
from operator import eq, gt, lt
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from transformer.catalog import Catalog, FieldType
from transformer.selection import Filter, Selection, type_of
from transformer.store.tables import catalog_items

_ITEMS = catalog_items.c
_SQLITE = "sqlite"
_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "equals": eq,
    "is": eq,
    "greater than": gt,
    "after": gt,
    "less than": lt,
    "before": lt,
}


def selected(selection: Selection, catalog: Catalog, dialect: str) -> Select[Any]:
    """Give the statement; its rows are those of items.

    Args:
        selection: which items.
        catalog: whose.
        dialect: the name of the database's.
    """
    statement = (
        select(_ITEMS.item_id, _ITEMS.document, _ITEMS.edition)
        .where(_ITEMS.catalog_id == catalog.id)
        .where(*(_is_met(one, catalog, dialect) for one in selection.filters))
        .limit(selection.results_limit)
    )
    if not selection.sort_field:
        return statement.order_by(_ITEMS.item_id)
    value = _value(selection.sort_field, catalog, dialect)
    if selection.is_descending:
        return statement.order_by(value.is_(None), value.desc(), _ITEMS.item_id)
    return statement.order_by(value.is_(None), value, _ITEMS.item_id)


def _is_met(condition: Filter, catalog: Catalog, dialect: str) -> ColumnElement[bool]:
    value = _value(condition.field, catalog, dialect)
    match condition.operator:
        case "includes value":
            return _includes(condition, catalog, dialect)
        case "does not include value":
            return not_(_includes(condition, catalog, dialect))
        case "does not equal":
            return or_(value.is_(None), value != condition.value)
        case operator:
            compared: ColumnElement[bool] = _COMPARISONS[operator](value, condition.value)
            return compared


def _value(field: str, catalog: Catalog, dialect: str) -> Any:
    """Give what an item holds for a field, in its type; NULL where it holds nothing."""
    kind = type_of(field, catalog)
    if field == "id":
        return _ITEMS.item_id
    held = _ITEMS.document[field]
    match kind:
        case FieldType.NUMBER:
            value = held.as_float()
        case FieldType.BOOLEAN:
            value = held.as_boolean()
        case _:
            # Texts are in the order of their characters, and not in that of a language.
            text = held.as_string()
            value = text if dialect == _SQLITE else text.collate("C")
    return _since(value, field, catalog)


def _since(value: ColumnElement[Any], field: str, catalog: Catalog) -> ColumnElement[Any]:
    """Leave out a value of a field that was removed before this one was added."""
    since = catalog.since.get(field, 0)
    return case((_ITEMS.edition >= since, value)) if since else value


def _includes(condition: Filter, catalog: Catalog, dialect: str) -> ColumnElement[bool]:
    since = catalog.since.get(condition.field, 0)
    if dialect == _SQLITE:
        element = func.json_each(_ITEMS.document, f'$."{condition.field}"').table_valued(
            "value", "type"
        )
        is_one: ColumnElement[bool] = exists().where(
            element.c.type.in_(_json_types(condition.value)), element.c.value == condition.value
        )
    else:
        # An array contains a value that is one of its elements.
        asked = cast(literal(orjson.dumps(condition.value).decode(), Text), JSONB)
        is_one = func.coalesce(_ITEMS.document[condition.field].bool_op("@>")(asked), false())
    return and_(_ITEMS.edition >= since, is_one) if since else is_one


def _json_types(value: Any) -> list[str]:
    """Name what SQLite calls the type of a value in JSON: 1 and true are alike otherwise."""
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return ["text"] if isinstance(value, str) else ["integer", "real"]
