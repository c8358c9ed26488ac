"""The errors of catalogs have the ids that Braze documents (braze.md §3)."""

import re
from pathlib import Path

import pytest

import transformer
from transformer.writer.catalog_wire import CATALOG_WIRE, NEVER_GIVEN, as_catalog_wire

DOCUMENTED = {
    "creating a catalog": "catalog-array-invalid catalog-name-already-exists catalog-name-too-large"
    " description-too-long field-names-not-unique field-names-too-large id-not-first-column"
    " invalid-catalog-name invalid-field-names invalid-field-types invalid-fields"
    " too-many-catalog-atoms too-many-fields",
    "adding fields": "arbitrary-error catalog-not-found company-size-limit-already-reached"
    " request-includes-too-many-fields catalog-exceeds-fields-limit",
    "removing a field": "catalog-not-found field-referenced-by-selection field-is-inventory"
    " invalid-field-name",
    "many items": "catalog-not-found ids-not-strings ids-not-unique ids-too-large invalid-ids"
    " invalid-fields invalid-keys-in-value-object item-array-invalid items-missing-ids"
    " items-too-large request-includes-too-many-items too-deep-nesting-in-value-object"
    " unable-to-coerce-value",
    "one item": "arbitrary-error filtered-set-field-too-long id-in-body item-already-exists"
    " item-not-found",
    "listing items": "catalog-not-found invalid-cursor",
    "adding a selection": "selection-limit-reached invalid-selection too-many-filters"
    " selection-name-already-exists selection-has-invalid-filter selection-invalid-results-limit"
    " invalid-sorting invalid-sort-field invalid-sort-order selection-contains-too-many-arrays"
    " company-size-limit-already-reached",
    "removing a selection": "catalog-not-found catalog-in-process invalid-selection",
}
SOURCES = (
    "catalog.py",
    "selection.py",
    "store/catalogs.py",
    "store/items.py",
    "store/selections.py",
    "writer/catalogs.py",
    "writer/item_values.py",
    "rest/catalogs.py",
    "rest/catalog_door.py",
    "rest/catalog_item.py",
    "rest/catalog_items.py",
)
CODE = re.compile(r'(?:rule = |rule=|rule_if\(|_wrong\(|Problem\(|refused\()\s*"([a-z_]+)"')


@pytest.mark.parametrize("call", DOCUMENTED)
def test_the_documented_ids_are_those_that_are_told(call: str) -> None:
    told = {described.id for described in CATALOG_WIRE.values()}
    assert set(DOCUMENTED[call].split()) <= told | NEVER_GIVEN


def test_no_id_is_told_that_is_not_documented() -> None:
    documented = {one for ids in DOCUMENTED.values() for one in ids.split()}
    assert {described.id for described in CATALOG_WIRE.values()} | NEVER_GIVEN == documented


def test_every_rule_has_its_id_and_every_id_its_rule() -> None:
    root = Path(transformer.__file__).parent
    texts = [(root / source).read_text() for source in SOURCES]
    named = {code for text in texts for code in CODE.findall(text)}
    # Chosen by an expression: a name that is too long, and one that is none.
    named |= {"field_names_too_large", "invalid_field_names"}
    assert named | {"internal_error"} == set(CATALOG_WIRE)


def test_an_error_says_what_was_given() -> None:
    assert as_catalog_wire("item_not_found", given={"catalog_name": "mugs", "item_id": "m7"}) == {
        "id": "item-not-found",
        "message": "Could not find item",
        "parameters": ["item_id"],
        "parameter_values": ["m7"],
    }


def test_an_error_counts_what_it_is_about() -> None:
    told = as_catalog_wire("items_missing_ids", given={"id": None}, count=3)
    assert told == {
        "id": "items-missing-ids",
        "message": "There are 3 item(s) that do not have ids",
        "parameters": [],
        "parameter_values": [],
    }
