"""A catalog: a named table of items, its fields, and the rules of both (braze.md §3.1).

A broken rule is an :class:`InvalidRequest` that names it; how the REST API words it stands there. What
the values of items must be is decided by the writer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias, TypeGuard

from transformer.errors import InvalidRequest
from transformer.ids import CatalogId

MAX_NAME_LENGTH = 250
MAX_DESCRIPTION_LENGTH = 250
MAX_FIELDS = 500
MAX_ADDED_FIELDS = 50
# Of a text that a selection filters by.
MAX_FILTERED_LENGTH = 1_000
NAME = re.compile(r"[A-Za-z0-9_-]+")
_ID = "id"

ItemKey: TypeAlias = tuple[str, str]
"""(catalog name, item id)"""


class FieldType(StrEnum):
    """What a catalog's field holds."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    OBJECT = "object"
    ARRAY = "array"
    GEO = "geo"


Schema: TypeAlias = Mapping[str, FieldType]
"""The fields of a catalog but for ``id``."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """A catalog as those see it who read and write its items.

    Args:
        id: what its items hang on, so that those of a deleted catalog are never those of another one
            with its name.
        name: what callers name it by.
        schema: its fields, in order.
        edition: counts the changes of its fields. An item is stored with the edition it was written in.
        since: in which edition a field was added, where that is not the first. What an older item
            holds under its name is a value of a field that was removed.
        filtered: the fields of type string that selections filter by; their values are shorter.
    """

    id: CatalogId
    name: str
    schema: Schema
    edition: int = 0
    since: Mapping[str, int] = field(default_factory=dict)
    filtered: frozenset[str] = frozenset()

    def visible(self, document: dict[str, Any], *, edition: int) -> dict[str, Any]:
        """Leave out the values of fields that were removed since an item was stored."""
        if edition == self.edition:
            return document
        return {
            name: value
            for name, value in document.items()
            if name in self.schema and self.since.get(name, 0) <= edition
        }


def is_name(value: object) -> TypeGuard[str]:
    """Say whether a value has the form of the name of a catalog, field or selection, or of an item's id."""
    return (
        isinstance(value, str)
        and len(value) <= MAX_NAME_LENGTH
        and NAME.fullmatch(value) is not None
    )


def check_catalog(*, name: object, description: object, fields: object) -> None:
    """Hold what shall become a catalog against the rules.

    Raises:
        InvalidRequest: it breaks one.
    """
    _check_name(name)
    if not isinstance(description, str):
        raise InvalidRequest(
            f"A catalog's description is a text; {_shown(description)} was found.",
            pointer="/description",
            rule="catalog_array_invalid",
        )
    if len(description) > MAX_DESCRIPTION_LENGTH:
        raise InvalidRequest(
            f"A catalog's description is a string of up to {MAX_DESCRIPTION_LENGTH} characters.",
            pointer="/description",
            rule="description_too_long",
        )
    listed = _field_list(fields)
    if len(listed) > MAX_FIELDS:
        raise InvalidRequest(
            f"A catalog has up to {MAX_FIELDS} fields; {len(listed)} were found.",
            pointer="/fields",
            rule="too_many_fields",
        )
    _check_fields(listed, known=())
    if not listed or (listed[0]["name"], listed[0]["type"]) != (_ID, FieldType.STRING):
        raise InvalidRequest(
            "The first field of a catalog is id, of type string.",
            hint='Begin the fields with {"name": "id", "type": "string"}.',
            pointer="/fields/0" if listed else "/fields",
            rule="id_not_first_column",
        )


def check_added_fields(fields: object, *, known: Sequence[str]) -> None:
    """Hold fields that shall be added to a catalog against the rules.

    Args:
        fields: ``{"name", "type"}`` each.
        known: the names of the fields that it has, ``id`` among them.

    Raises:
        InvalidRequest: they break one.
    """
    listed = _field_list(fields)
    if not listed:
        raise InvalidRequest(
            "There are no fields to add.", pointer="/fields", rule="invalid_fields_array"
        )
    if len(listed) > MAX_ADDED_FIELDS:
        raise InvalidRequest(
            f"Up to {MAX_ADDED_FIELDS} fields are added at once; {len(listed)} were found.",
            pointer="/fields",
            rule="request_includes_too_many_fields",
        )
    _check_fields(listed, known=known)
    if len(known) + len(listed) > MAX_FIELDS:
        raise InvalidRequest(
            f"A catalog has up to {MAX_FIELDS} fields; this one would have "
            f"{len(known) + len(listed)}.",
            hint="Remove fields that nobody uses: DELETE /catalogs/{catalog_name}/fields/{field_name}.",
            pointer="/fields",
            rule="catalog_exceeds_fields_limit",
        )


def _check_name(name: object) -> None:
    if isinstance(name, str) and len(name) > MAX_NAME_LENGTH:
        rule = "catalog_name_too_large"
    elif is_name(name):
        return
    else:
        rule = "invalid_catalog_name"
    raise InvalidRequest(
        f"A catalog's name has 1 to {MAX_NAME_LENGTH} letters, digits, _ and -; "
        f"{_shown(name)} was found.",
        pointer="/name",
        rule=rule,
    )


def _field_list(fields: object) -> Sequence[dict[str, Any]]:
    if not isinstance(fields, list | tuple):
        raise InvalidRequest(
            f"The fields of a catalog are an array; {_shown(fields)} was found.",
            pointer="/fields",
            rule="invalid_fields_array",
        )
    for index, described in enumerate(fields):
        if not isinstance(described, dict):
            raise InvalidRequest(
                "A field is an object with name and type.",
                pointer=f"/fields/{index}",
                rule="invalid_fields_array",
            )
    return fields


def _check_fields(fields: Sequence[dict[str, Any]], *, known: Sequence[str]) -> None:
    names = set(known)
    for index, described in enumerate(fields):
        pointer = f"/fields/{index}"
        name, kind = described.get("name"), described.get("type")
        if not is_name(name):
            too_large = isinstance(name, str) and len(name) > MAX_NAME_LENGTH
            raise InvalidRequest(
                f"A field's name has 1 to {MAX_NAME_LENGTH} letters, digits, _ and -; "
                f"{_shown(name)} was found.",
                pointer=f"{pointer}/name",
                rule="field_names_too_large" if too_large else "invalid_field_names",
            )
        if kind not in list(FieldType):
            raise InvalidRequest(
                f"A field's type is one of {', '.join(FieldType)}; {_shown(kind)} was found.",
                pointer=f"{pointer}/type",
                rule="invalid_field_types",
            )
        if name in names:
            raise InvalidRequest(
                f"Two fields are named {name!r}.",
                pointer=f"{pointer}/name",
                rule="field_names_not_unique",
            )
        names.add(name)


def _shown(value: object) -> str:
    return f"{value!r:.80}"
