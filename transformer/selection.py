"""A selection: which items of a catalog are meant, in which order, and how many (braze.md §3.3).

Filters are met all together. An item that has no value for a field meets those alone that say what it must
not hold, and comes last where the field sorts. Braze gives the items of a selection that does not sort in
a random order; here it is that of their ids, so that who asks twice reads the same. The items are found
by the store.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from transformer.catalog import (
    MAX_DESCRIPTION_LENGTH,
    MAX_FILTERED_LENGTH,
    MAX_NAME_LENGTH,
    Catalog,
    FieldType,
    is_name,
)
from transformer.errors import InvalidRequest

MAX_SELECTIONS = 30
MAX_FILTERS = 10
MAX_RESULTS = 50
_KEYS = frozenset({"name", "description", "filters", "results_limit", "sort_field", "sort_order"})
_FILTER_KEYS = frozenset({"field", "operator", "value"})
_ID = "id"
_ASCENDING, _DESCENDING = "asc", "desc"

OPERATORS: Mapping[FieldType, frozenset[str]] = {
    FieldType.STRING: frozenset({"equals", "does not equal"}),
    FieldType.NUMBER: frozenset({"equals", "does not equal", "greater than", "less than"}),
    FieldType.BOOLEAN: frozenset({"is"}),
    FieldType.TIME: frozenset({"before", "after"}),
    FieldType.ARRAY: frozenset({"includes value", "does not include value"}),
    FieldType.OBJECT: frozenset(),
    FieldType.GEO: frozenset(),
}
_SORTABLE = frozenset({FieldType.STRING, FieldType.NUMBER, FieldType.BOOLEAN, FieldType.TIME})


@dataclass(frozen=True, slots=True)
class Filter:
    """What an item must be to be meant."""

    field: str
    operator: str
    value: Any

    def as_json(self) -> dict[str, Any]:
        """Give the shape that the caller sent."""
        return {"field": self.field, "operator": self.operator, "value": self.value}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items of a catalog are meant.

    Args:
        sort_field: empty: the items are in the order of their ids.
    """

    name: str
    description: str
    filters: tuple[Filter, ...]
    results_limit: int
    sort_field: str
    is_descending: bool

    def as_json(self) -> dict[str, Any]:
        """Give what :func:`read_selection` and :func:`restore_selection` read."""
        described: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "filters": [condition.as_json() for condition in self.filters],
            "results_limit": self.results_limit,
        }
        if self.sort_field:
            described["sort_field"] = self.sort_field
            described["sort_order"] = _DESCENDING if self.is_descending else _ASCENDING
        return described

    @property
    def fields(self) -> frozenset[str]:
        """The fields that it looks at."""
        named = {condition.field for condition in self.filters}
        return frozenset(named | {self.sort_field} - {""})


def read_selection(
    described: object, *, catalog: Catalog, read_time: Callable[[object], str | None]
) -> Selection:
    """Read a selection as a catalog takes it.

    Args:
        described: as the caller sent it.
        catalog: whose items are meant.
        read_time: brings a time into the form that the catalog's items hold.

    Raises:
        InvalidRequest: it breaks a rule, which the error names.
    """
    if not isinstance(described, dict):
        raise _wrong("invalid_selection", "A selection is an object with a name.", "")
    name, description = described.get("name"), described.get("description") or ""
    unknown = described.keys() - _KEYS
    if unknown:
        raise _wrong("invalid_selection", f"{min(unknown)!r:.80} is not known here.", "")
    if not is_name(name):
        said = f"A selection's name has 1 to {MAX_NAME_LENGTH} letters, digits, _ and -."
        raise _wrong("invalid_selection", said, "/name")
    if not isinstance(description, str) or len(description) > MAX_DESCRIPTION_LENGTH:
        said = f"A description is a string of up to {MAX_DESCRIPTION_LENGTH} characters."
        raise _wrong("invalid_selection", said, "/description")
    sort_field, is_descending = _read_sorting(described, catalog)
    return Selection(
        name=name,
        description=description,
        filters=_read_filters(described.get("filters") or [], catalog, read_time),
        results_limit=_read_limit(described.get("results_limit")),
        sort_field=sort_field,
        is_descending=is_descending,
    )


def restore_selection(described: Mapping[str, Any]) -> Selection:
    """Make a selection of what :meth:`Selection.as_json` gave."""
    return Selection(
        name=described["name"],
        description=described["description"],
        filters=tuple(Filter(**held) for held in described["filters"]),
        results_limit=described["results_limit"],
        sort_field=described.get("sort_field", ""),
        is_descending=described.get("sort_order") == _DESCENDING,
    )


def type_of(field: object, catalog: Catalog) -> FieldType | None:
    """Give the type of a catalog's field, ``id`` among them; None: it has no such field."""
    if not isinstance(field, str):
        return None
    return FieldType.STRING if field == _ID else catalog.schema.get(field)


def _read_filters(
    described: object, catalog: Catalog, read_time: Callable[[object], str | None]
) -> tuple[Filter, ...]:
    if not isinstance(described, list):
        raise _wrong("selection_has_invalid_filter", "Filters are an array.", "/filters")
    if len(described) > MAX_FILTERS:
        said = f"A selection has up to {MAX_FILTERS} filters; {len(described)} were found."
        raise _wrong("too_many_filters", said, "/filters")
    filters = tuple(
        _read_filter(one, catalog, read_time, f"/filters/{index}")
        for index, one in enumerate(described)
    )
    arrays = {one.field for one in filters if catalog.schema.get(one.field) is FieldType.ARRAY}
    if len(arrays) > 1:
        said = "The filters look at more than one field of type array."
        raise _wrong("selection_contains_too_many_arrays", said, "/filters")
    return filters


def _read_filter(
    described: object,
    catalog: Catalog,
    read_time: Callable[[object], str | None],
    pointer: str,
) -> Filter:
    rule = "selection_has_invalid_filter"
    if not isinstance(described, dict) or described.keys() != _FILTER_KEYS:
        raise _wrong(rule, "A filter is an object with field, operator and value.", pointer)
    field, operator, value = described["field"], described["operator"], described["value"]
    kind = type_of(field, catalog)
    if kind is None:
        said = f"{field!r:.80} is no field of {catalog.name}."
        raise _wrong(rule, said, f"{pointer}/field")
    operators = OPERATORS[kind]
    if not isinstance(operator, str) or operator not in operators:
        known = ", ".join(sorted(operators)) or "none"
        said = f"{operator!r:.80} is no operator for the type {kind}; there are: {known}."
        raise _wrong(rule, said, f"{pointer}/operator")
    read = read_time(value) if kind is FieldType.TIME else value if _fits(value, kind) else None
    if read is None:
        raise _wrong(rule, f"{value!r:.80} is no value for the type {kind}.", f"{pointer}/value")
    return Filter(field, operator, read)


def _fits(value: Any, kind: FieldType) -> bool:
    match kind:
        case FieldType.STRING:
            return isinstance(value, str) and len(value) <= MAX_FILTERED_LENGTH
        case FieldType.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case FieldType.BOOLEAN:
            return isinstance(value, bool)
        case FieldType.ARRAY:
            return isinstance(value, int | float) or _fits(value, FieldType.STRING)
        case FieldType.TIME | FieldType.OBJECT | FieldType.GEO:
            return False


def _read_limit(value: object) -> int:
    if value is None:
        return MAX_RESULTS
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_RESULTS:
        said = f"`results_limit` is {value!r:.80}; a number from 1 to {MAX_RESULTS} was expected."
        raise _wrong("selection_invalid_results_limit", said, "/results_limit")
    return value


def _read_sorting(described: Mapping[str, Any], catalog: Catalog) -> tuple[str, bool]:
    field, order = described.get("sort_field"), described.get("sort_order")
    if field is None and order is None:
        return "", False
    if field is None or order is None:
        said = "`sort_field` and `sort_order` come together."
        raise _wrong("invalid_sorting", said, "/sort_field" if field is None else "/sort_order")
    if type_of(field, catalog) not in _SORTABLE:
        said = f"{field!r:.80} is no field of {catalog.name} that one can sort by."
        raise _wrong("invalid_sort_field", said, "/sort_field")
    # No set: a list, which may be what was given, cannot be looked up in one.
    if order not in (_ASCENDING, _DESCENDING):
        said = f"`sort_order` is {order!r:.80}; asc or desc was expected."
        raise _wrong("invalid_sort_order", said, "/sort_order")
    return field, order == _DESCENDING


def _wrong(rule: str, said: str, pointer: str) -> InvalidRequest:
    return InvalidRequest(said, pointer=f"/selection{pointer}", rule=rule)
