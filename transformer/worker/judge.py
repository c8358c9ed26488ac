"""Judges what is in a body that does not fit as a whole: objects for *track users* one by one.

Each stands alone, as in the API whose words this speaks: one that is wrong is refused, and the others
are applied (braze.md §2.1, *responses*). What is wrong in a field that Braze drops silently
(``x-dropped`` in the schema) costs that field alone, and is a warning.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema_rs import Draft202012Validator

from transformer.delivery import Problem
from transformer.operation import Kind
from transformer.schemas.dropped import CODE as DROPPED
from transformer.schemas.explanation import Step, explain
from transformer.schemas.reader import Schema, envelope_of
from transformer.schemas.validators import error_validator, verdict_validator

_DEFINITIONS = {Kind.ATTRIBUTES: "attributes", Kind.EVENT: "event", Kind.PURCHASE: "purchase"}
# As many as are told of one object.
_MOST_ERRORS = 20

_PRIMARIES = ("external_id", "user_alias", "braze_id")


class TrackJudge:
    """Holds the envelope of a body and the objects in it, compiled once.

    Verdicts are quick; finding what is wrong is not, so it is asked for as long as it is told.

    Args:
        schema: that of a whole body.
    """

    def __init__(self, schema: Schema) -> None:
        self._envelope = verdict_validator(envelope_of(schema))
        objects = {
            kind: schema["$defs"][name] | {"$defs": schema["$defs"]}
            for kind, name in _DEFINITIONS.items()
        }
        self._fits = {kind: verdict_validator(held) for kind, held in objects.items()}
        self._finders = {kind: error_validator(held) for kind, held in objects.items()}
        self._stands = {
            kind: verdict_validator(_without(held, _dropped_fields(held)))
            for kind, held in objects.items()
        }
        self._fields = {kind: {*held["properties"]} for kind, held in objects.items()}
        fields = objects[Kind.ATTRIBUTES]["properties"]
        self._addresses = {
            name: verdict_validator(fields[name] | {"$defs": schema["$defs"]})
            for name in ("email", "phone")
        }

    def has_lists(self, body: Any) -> bool:
        """Say whether a body's lists are lists, whatever they hold, and nothing else is wrong."""
        return self._envelope.is_valid(body)

    def fits(self, kind: Kind, described: Any) -> bool:
        """Say whether all is right with an object."""
        return self._fits[kind].is_valid(described)

    def refuses(self, kind: Kind, described: Any) -> bool:
        """Say whether nothing of an object can be applied.

        An address is dropped beside a primary identifier, and not where it is to find the profile.
        """
        if not self._stands[kind].is_valid(described):
            return True
        if any(described.get(name) is not None for name in _PRIMARIES):
            return False
        used = "phone" if described.get("email") is None else "email"
        return not self._addresses[used].is_valid(described[used])

    def why_refused(self, kind: Kind, described: Any, steps: tuple[Step, ...]) -> list[Problem]:
        """Say what is wrong with an object that is refused."""
        return explain(self._errors_of(kind, described), place=steps)

    def lost_of(self, kind: Kind, described: Any, steps: tuple[Step, ...]) -> Iterator[Problem]:
        """Warn of the fields that an object loses."""
        for problem in explain(self._errors_of(kind, described), place=steps):
            yield replace(
                problem, code=DROPPED, message=f"{problem.message[:-1]}, so it is dropped."
            )

    def _errors_of(self, kind: Kind, described: Any) -> Iterator[ValidationError]:
        """Find what is wrong in an object, which may have a hundred thousand fields.

        The validator that finds errors is the slow one, so it only sees the custom attributes in
        which the quick one met some.
        """
        if isinstance(described, dict):
            met = islice(self._fits[kind].iter_errors(described), _MOST_ERRORS)
            wrong = {error.instance_path[0] for error in met if error.instance_path}
            wanted = self._fields[kind] | wrong
            described = {name: held for name, held in described.items() if name in wanted}
        return self._finders[kind].iter_errors(described)


def _dropped_fields(schema: Schema) -> frozenset[str]:
    return frozenset(name for name, held in schema["properties"].items() if "x-dropped" in held)


def _without(schema: Schema, names: frozenset[str]) -> Schema:
    """Give a schema that asks nothing of some fields but what makes them identifiers."""
    properties = {
        name: True if name in names else held for name, held in schema["properties"].items()
    }
    return schema | {"properties": properties}


def without_right_fields(verdict: Draft202012Validator, body: Any) -> Any:
    """Leave of a catalog's items their ids and the fields in which the quick validator met errors.

    The one that finds errors would take a second for what is right in sixty thousand fields.
    """
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list):
        return body
    wrong: dict[int, dict[str, None]] = {}
    for error in islice(verdict.iter_errors(body), _MOST_ERRORS):
        match error.instance_path:
            case ["items", int() as index, str() as name, *_]:
                wrong.setdefault(index, {})[name] = None
            case _:
                pass
    left = [
        {name: item[name] for name in ("id", *wrong.get(index, ())) if name in item}
        if isinstance(item, dict)
        else item
        for index, item in enumerate(items)
    ]
    return body | {"items": left}
