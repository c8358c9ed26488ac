"""Every rule that a schema uses is told in words: where, what was found, what is expected, what to do."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.unit.test_schemas import DOCUMENTS, subschemas
from transformer.schemas.explanation import explain

# What annotates, gathers or leads elsewhere refuses nothing itself.
SILENT = {
    *("$schema", "$id", "$ref", "$defs", "title", "description", "examples", "properties"),
    *("x-message", "x-hint", "x-dropped", "x-typescript", "items", "allOf", "if", "then", "else"),
}
WHO = {"external_id": "customer-1042"}
EVENT = WHO | {"name": "Tea Poured", "time": "2025-03-14T09:26:53Z"}
PURCHASE = WHO | {"product_id": "pot", "currency": "EUR", "price": 1, "time": "2025-03-14"}
ALIAS = {"alias_name": "ana", "alias_label": "github"}

RULES = [
    pytest.param(
        "type",
        "users.delete",
        {"external_ids": [17]},
        "/external_ids/0",
        "external_ids[0] is the number 17, but must be a string.",
        "If the id is a number in the payload, write String(…) around it; if it is missing there, "
        "return nothing.",
    ),
    pytest.param(
        "type",
        "track",
        {"events": [EVENT | {"app_id": 17}]},
        "/events/0/app_id",
        "events[0].app_id is the number 17, but must be a string.",
        "Give a value of that type: String(…) makes a text of a number, Number(…) a number of a text.",
    ),
    pytest.param(
        "type",
        "track",
        {"events": [EVENT | {"name": None}]},
        "/events/0/name",
        "events[0].name is null, but must be a string.",
        "Leave the field out where there is no value for it.",
    ),
    pytest.param(
        "required",
        "users.alias.update",
        {"alias_updates": [{"alias_label": "github"}]},
        "/alias_updates/0",
        "alias_updates[0] lacks old_alias_name and new_alias_name.",
        "Give all three: the label, the old name and the new one.",
    ),
    pytest.param(
        "additionalProperties",
        "users.merge",
        {"merge_updates": [{"identifier_to_merge": WHO, "identifier_to_keep": WHO, "why": 1}]},
        "/merge_updates/0",
        'merge_updates[0] has a field that is not known here: "why".',
        'Give both: "identifier_to_merge": { … }, "identifier_to_keep": { … }.',
    ),
    pytest.param(
        "enum",
        "catalogs.create_fields",
        {"fields": [{"name": "price", "type": "Numbers"}]},
        "/fields/0/type",
        'fields[0].type is the string "Numbers", but must be "string", "number", "boolean", "time", '
        '"object", "array" or "geo".',
        'Did you mean "number"?',
    ),
    pytest.param(
        "enum",
        "catalogs.create_fields",
        {"fields": [{"name": "price", "type": "integer"}]},
        "/fields/0/type",
        'fields[0].type is the string "integer", but must be "string", "number", "boolean", "time", '
        '"object", "array" or "geo".',
        "Fields are string, number, boolean, time, object, array or geo: [longitude, latitude].",
    ),
    pytest.param(
        "const",
        "track",
        {"destination": "catalog.put"},
        "/destination",
        'destination is the string "catalog.put", but must be "track".',
        "Leave the field out, or write exactly that.",
    ),
    pytest.param(
        "minLength",
        "users.export.ids",
        {"device_id": ""},
        "/device_id",
        "device_id is an empty string.",
        "Leave the field out where there is no value for it.",
    ),
    pytest.param(
        "minLength",
        "track",
        {"attributes": [WHO | {"push_tokens": [{"app_id": "a", "token": "t", "device_id": "x"}]}]},
        "/attributes/0/push_tokens/0/device_id",
        "attributes[0].push_tokens[0].device_id is 1 character long, but at least 8 are needed.",
        "Leave the field out where there is no value for it.",
    ),
    pytest.param(
        "maxLength",
        "users.alias.new",
        {"user_aliases": [ALIAS | {"alias_name": "x" * 256}]},
        "/user_aliases/0/alias_name",
        "user_aliases[0].alias_name is 256 characters long, but at most 255 are allowed.",
        "If it is a number in the payload, write String(…) around it.",
    ),
    pytest.param(
        "pattern",
        "catalogs.delete_items",
        {"items": [{"id": "a b"}]},
        "/items/0/id",
        'items[0].id is the string "a b", which is not an item\'s id.',
        "Use only letters, digits, - and _, at most 250 of them; if the id is a number in the "
        "payload, write String(…) around it.",
    ),
    pytest.param(
        "minimum",
        "track",
        {"purchases": [PURCHASE | {"quantity": 0}]},
        "/purchases/0/quantity",
        "purchases[0].quantity is 0, but must be at least 1.",
        "Give a whole number from 1 to 100; make several purchases of a larger one.",
    ),
    pytest.param(
        "maximum",
        "track",
        {"attributes": [WHO | {"current_location": {"longitude": 181, "latitude": 0}}]},
        "/attributes/0/current_location/longitude",
        "attributes[0].current_location.longitude is 181, but must be at most 180.",
        "Give a number in the range.",
    ),
    pytest.param(
        "minItems",
        "catalogs.create",
        {"catalogs": []},
        "/catalogs",
        "catalogs is an empty array.",
        'Put the catalog into a list: "catalogs": [{ … }].',
    ),
    pytest.param(
        "maxItems",
        "users.external_ids.remove",
        {"external_ids": [f"u{number}" for number in range(51)]},
        "/external_ids",
        "external_ids has 51 elements, but at most 50 are allowed.",
        "Send the rest in another call.",
    ),
    pytest.param(
        "maxItems",
        "catalogs.update_item",
        {"items": [{"a": 1}, {"a": 1}]},
        "/items",
        "items has 2 elements, but at most one is allowed.",
        "Send the rest in another call.",
    ),
    pytest.param(
        "uniqueItems",
        "users.delete",
        {"email_addresses": [{"email": "a@b.c", "prioritization": ["unidentified"] * 2}]},
        "/email_addresses/0/prioritization",
        'email_addresses[0].prioritization has the string "unidentified" twice, but each element may '
        "stand there once.",
        "Give each element once.",
    ),
    pytest.param(
        "not",
        "users.identify",
        {
            "emails_to_identify": [
                WHO | {"email": "a@b.c", "prioritization": ["identified", "unidentified"]}
            ]
        },
        "/emails_to_identify/0/prioritization",
        "emails_to_identify[0].prioritization holds both identified and unidentified.",
        'Order what decides: ["identified", "most_recently_updated"].',
    ),
    pytest.param(
        "not",
        "catalogs.replace_item",
        {"items": [{"id": "a"}]},
        "/items/0/id",
        "items[0].id stands in the path and not in the body.",
        "Leave id out.",
    ),
    pytest.param(
        "anyOf",
        "users.export.ids",
        {"fields_to_export": ["email"]},
        "",
        "The body names nobody: one of external_ids, user_aliases, braze_id, device_id, email_address "
        "and phone is required.",
        'Send { "external_ids": ["…"] }.',
    ),
    pytest.param(
        "oneOf",
        "users.delete",
        {"external_ids": ["a"], "braze_ids": ["b"]},
        "",
        "The body has external_ids and braze_ids, but must have exactly one of external_ids, "
        "user_aliases, braze_ids, email_addresses and phone_numbers.",
        "Make one call for each kind of identifier.",
    ),
    pytest.param(
        "oneOf",
        "users.merge",
        {"merge_updates": [{"identifier_to_merge": {}, "identifier_to_keep": WHO}]},
        "/merge_updates/0/identifier_to_merge",
        "merge_updates[0].identifier_to_merge has none of them, but must have exactly one of "
        "external_id, user_alias, email and phone.",
        "Keep the one that names the profile.",
    ),
    pytest.param(
        "propertyNames",
        "catalogs.add_items",
        {"items": [{"id": "a", "size": {"in.cm": 1}}]},
        "/items/0/size/in.cm",
        'items[0].size["in.cm"] is not a key that an object in a catalog may have.',
        "Keys inside objects must not hold . or $.",
    ),
]


@pytest.mark.parametrize(("keyword", "name", "body", "pointer", "message", "hint"), RULES)
def test_a_rule_that_is_broken_is_told(  # noqa: PLR0917 - the columns of the table
    keyword: str, name: str, body: Any, pointer: str, message: str, hint: str
) -> None:
    errors = list(Draft202012Validator(DOCUMENTS[name]).iter_errors(body))
    assert keyword in {*errors[0].absolute_schema_path}
    (problem,) = explain(errors, whole="The body")
    assert (problem.pointer, problem.message, problem.hint) == (pointer, message, hint)


def test_of_a_value_of_a_wrong_type_nothing_else_is_told() -> None:
    body = {"merge_updates": [{"identifier_to_merge": None, "identifier_to_keep": WHO}]}
    errors = list(Draft202012Validator(DOCUMENTS["users.merge"]).iter_errors(body))
    assert {error.validator for error in errors} == {"type", "oneOf"}
    assert [problem.message for problem in explain(errors)] == [
        "merge_updates[0].identifier_to_merge is null, but must be an object."
    ]


def test_every_keyword_that_the_schemas_use_has_a_row() -> None:
    used = {
        keyword
        for document in DOCUMENTS.values()
        for sub in schemas_in(document)
        for keyword in sub
    }
    # They stand inside `not` and `if` alone, where nothing is told of them.
    asking = {"contains", "minProperties"}
    assert used - SILENT - asking == {rule.values[0] for rule in RULES}


def schemas_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Give what stands where a schema stands; below `properties` and `$defs` keys are names."""
    named = [
        id(sub[keyword])
        for sub in subschemas(document)
        for keyword in ("properties", "$defs")
        if isinstance(sub.get(keyword), dict)
    ]
    return [sub for sub in subschemas(document) if id(sub) not in named]
