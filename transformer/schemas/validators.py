"""Compiles schemas into the two validators that read them.

The verdict, which everything that is validated needs, comes from jsonschema-rs; the errors, which
only what is wrong needs, from jsonschema, which knows each error's place, rule and schema, and takes
a hundred times as long. ``tests/unit/test_validators.py`` (the official test suite) and
``tests/unit/test_check_agreement.py`` (random documents near the schemas) hold that they take the
same. ``format`` is an annotation to both.
"""

from collections.abc import Mapping

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema_specifications import REGISTRY
from referencing import Resource
from referencing.jsonschema import DRAFT202012

from transformer.schemas.reader import Schema

_NONE: Mapping[str, Schema] = {}


def verdict_validator(
    schema: Schema | bool, *, others: Mapping[str, Schema] = _NONE
) -> jsonschema_rs.Draft202012Validator:
    """Compile a schema into what says whether a value fits, and little more.

    Args:
        schema: a schema of JSON Schema 2020-12.
        others: documents that references in it may lead to, by URI.
    """
    return jsonschema_rs.Draft202012Validator(
        schema, registry=jsonschema_rs.Registry(others.items()), validate_formats=False
    )


def error_validator(
    schema: Schema | bool, *, others: Mapping[str, Schema] = _NONE
) -> Draft202012Validator:
    """Make of a schema what finds every error of a value; takes what :func:`verdict_validator` takes."""
    registry = REGISTRY.with_resources(
        (uri, Resource.from_contents(document, default_specification=DRAFT202012))
        for uri, document in others.items()
    )
    return Draft202012Validator(schema, registry=registry)
