"""What Braze's API calls the errors of catalogs (braze.md §3).

An entry of ``errors`` is ``{"id", "message", "parameters", "parameter_values"}``. The ids are all those
that are documented; a message is the documented one where there is a sample of it [D], else of the form
of those. ``parameters`` names what the error is about, and ``parameter_values`` says what was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypedDict

from transformer.delivery import Problem


class CatalogWireError(TypedDict):
    """One entry of ``errors``."""

    id: str
    message: str
    parameters: list[str]
    parameter_values: list[Any]


@dataclass(frozen=True, slots=True)
class Described:
    """How an error is told: its id, its message, and what it is about.

    Args:
        parameters: names of what was given: ``catalog_name``, ``item_id``, ``field_name``,
            ``selection_name`` and ``cursor`` stand in the URL, ``name`` is that of a catalog to be made,
            and ``id`` that of an item in the body.
    """

    id: str
    message: str
    parameters: tuple[str, ...] = ()


CATALOG_WIRE: Mapping[str, Described] = MappingProxyType(
    {
        # Catalogs
        "catalog_array_invalid": Described(
            "catalog-array-invalid", "'catalogs' must be an array of objects"
        ),
        "too_many_catalog_atoms": Described(
            "too-many-catalog-atoms", "You can only create one catalog per request"
        ),
        "catalog_name_already_exists": Described(
            "catalog-name-already-exists", "A catalog with that name already exists", ("name",)
        ),  # [D]
        "catalog_name_too_large": Described(
            "catalog-name-too-large", "Catalog names can have up to 250 characters", ("name",)
        ),
        "invalid_catalog_name": Described(
            "invalid-catalog-name",
            "Catalog names can only include letters, numbers, hyphens, and underscores",
            ("name",),
        ),
        "description_too_long": Described(
            "description-too-long", "Catalog descriptions can have up to 250 characters", ("name",)
        ),
        "catalog_not_found": Described(
            "catalog-not-found", "Could not find catalog", ("catalog_name",)
        ),  # [D]
        # Fields
        "invalid_fields_array": Described("invalid-fields", "'fields' must be an array of objects"),
        "too_many_fields": Described("too-many-fields", "Catalogs can have up to 500 fields"),
        "id_not_first_column": Described(
            "id-not-first-column", "The first field must be 'id', of type string"
        ),
        "invalid_field_names": Described(
            "invalid-field-names",
            "Field names can only include letters, numbers, hyphens, and underscores",
        ),
        "field_names_too_large": Described(
            "field-names-too-large", "Field names can have up to 250 characters"
        ),
        "field_names_not_unique": Described(
            "field-names-not-unique", "Field names must be unique in the catalog"
        ),
        "invalid_field_types": Described(
            "invalid-field-types", "Some of the field types are not valid"
        ),
        "request_includes_too_many_fields": Described(
            "request-includes-too-many-fields", "Each request can add up to 50 fields"
        ),
        "catalog_exceeds_fields_limit": Described(
            "catalog-exceeds-fields-limit", "Catalogs can have up to 500 fields", ("catalog_name",)
        ),
        "invalid_field_name": Described(
            "invalid-field-name", "Could not find field", ("field_name",)
        ),
        "field_referenced_by_selection": Described(
            "field-referenced-by-selection", "The field is used by a selection", ("field_name",)
        ),
        # Items
        "item_array_invalid": Described(
            "item-array-invalid", "'items' must be an array of objects"
        ),
        "request_includes_too_many_items": Described(
            "request-includes-too-many-items", "The request includes too many items"
        ),
        "items_missing_ids": Described(
            "items-missing-ids", "There are {count} item(s) that do not have ids"
        ),  # [D]
        "ids_not_strings": Described("ids-not-strings", "Item ids must be strings", ("id",)),
        "ids_not_unique": Described(
            "ids-not-unique", "Item ids must be unique in the request", ("id",)
        ),
        "ids_too_large": Described(
            "ids-too-large", "Item ids can have up to 250 characters", ("id",)
        ),
        "invalid_ids": Described(
            "invalid-ids",
            "Item ids can only include letters, numbers, hyphens, and underscores",
            ("id",),
        ),
        "id_in_body": Described(
            "id-in-body", "The item id must not be in the request body", ("id",)
        ),
        "invalid_fields": Described(
            "invalid-fields", "Some of the fields given do not exist in the catalog", ("id",)
        ),  # [D]
        "invalid_keys_in_value_object": Described(
            "invalid-keys-in-value-object", "Keys of objects can not include '.' or '$'", ("id",)
        ),
        "too_deep_nesting_in_value_object": Described(
            "too-deep-nesting-in-value-object",
            "Objects can not have more than 50 levels of nesting",
            ("id",),
        ),
        "items_too_large": Described(
            "items-too-large", "Item values can have up to 5,000 characters", ("id",)
        ),
        "unable_to_coerce_value": Described(
            "unable-to-coerce-value",
            "Some of the values could not be converted to the type of their field",
            ("id",),
        ),
        "filtered_set_field_too_long": Described(
            "filtered-set-field-too-long",
            "Values of a field that a selection filters by can have up to 1,000 characters",
            ("id",),
        ),
        "item_already_exists": Described(
            "item-already-exists", "An item with that id already exists", ("item_id",)
        ),
        "item_not_found": Described("item-not-found", "Could not find item", ("item_id",)),  # [D]
        "invalid_cursor": Described("invalid-cursor", "'cursor' is not valid", ("cursor",)),  # [D]
        # Selections
        "invalid_selection": Described(
            "invalid-selection", "The selection is not valid", ("selection_name",)
        ),
        "selection_limit_reached": Described(
            "selection-limit-reached", "Catalogs can have up to 30 selections", ("catalog_name",)
        ),
        "selection_name_already_exists": Described(
            "selection-name-already-exists",
            "A selection with that name already exists",
            ("selection_name",),
        ),
        "too_many_filters": Described("too-many-filters", "Selections can have up to 10 filters"),
        "selection_has_invalid_filter": Described(
            "selection-has-invalid-filter", "Some of the filters are not valid"
        ),
        "selection_contains_too_many_arrays": Described(
            "selection-contains-too-many-arrays",
            "Filters can use up to one field of type array",
        ),
        "selection_invalid_results_limit": Described(
            "selection-invalid-results-limit", "'results_limit' must be a number from 1 to 50"
        ),
        "invalid_sorting": Described(
            "invalid-sorting", "'sort_field' and 'sort_order' must come together"
        ),
        "invalid_sort_field": Described("invalid-sort-field", "'sort_field' is not valid"),
        "invalid_sort_order": Described("invalid-sort-order", "'sort_order' must be asc or desc"),
        # Ours, or a bug of ours
        "internal_error": Described(
            "arbitrary-error", "An arbitrary error occurred", ("catalog_name",)
        ),
    }
)
"""By the code of our problem, or by the rule that our error names."""

NEVER_GIVEN = frozenset(
    {
        "company-size-limit-already-reached",  # storage is the operator's, and has no limit of ours
        "field-is-inventory",  # nothing here is sent when stock changes
        "catalog-in-process",  # what is documented as processing is done at once
    }
)
"""Documented ids that describe what we have not."""


def as_catalog_wire(code: str, *, given: Mapping[str, Any], count: int = 1) -> CatalogWireError:
    """Write an error as Braze's API does.

    Args:
        code: of our problem, or the rule that our error names.
        given: what the request had, by the names of parameters; what is not there is left out.
        count: how many items it is about, where the message says so.

    Raises:
        KeyError: the code is none of :data:`CATALOG_WIRE`.
    """
    described = CATALOG_WIRE[code]
    named = [name for name in described.parameters if name in given]
    return {
        "id": described.id,
        "message": described.message.replace("{count}", str(count)),
        "parameters": named,
        "parameter_values": [given[name] for name in named],
    }


def item_index_of(problem: Problem) -> int | None:
    """Say which item of the request a problem is about; None where it is about none of them."""
    array, _, place = problem.pointer.removeprefix("/").partition("/")
    index = place.partition("/")[0]
    return int(index) if array == "items" and index.isdigit() else None
