"""Says in an author's words what is wrong with an output, and what to do about it.

The schemas decide *what* is wrong; here it is only put into words, from the schema's own
annotations where the standard keyword would say little (see :mod:`transformer.schemas.reader`).
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any, TypeAlias

import orjson
from jsonschema.exceptions import ValidationError

from transformer.delivery import Problem

CODE = "invalid_output"
THE_OUTPUT = "The output"

Step: TypeAlias = str | int

# A batch of a thousand wrong objects is understood from its first few.
_MOST_PROBLEMS = 20
_SHOWN_CHARACTERS = 60

_TYPES = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}
_USUAL_HINTS = {
    "type": "Give a value of that type: String(…) makes a text of a number, Number(…) a number of a "
    "text.",
    "minLength": "Leave the field out where there is no value for it.",
    "maxLength": "Shorten it.",
    "minimum": "Give a number in the range.",
    "maximum": "Give a number in the range.",
    "enum": "Write one of these.",
    "const": "Leave the field out, or write exactly that.",
}
_ALIKE = 0.75
_IDENTIFIERS = {"external_id", "user_alias", "braze_id", "email", "phone"}
_TRACK_LISTS = {"attributes", "events", "purchases"}
_CATALOG_FIELDS = {"catalog_name", "items"}


def explain(
    errors: Iterable[ValidationError], *, place: Sequence[Step] = (), whole: str = THE_OUTPUT
) -> list[Problem]:
    """Put a validator's errors into words: where, what was found, what was expected, what to do.

    Args:
        errors: what the validator found, of which the first twenty are told, in the order of what
            was validated.
        place: where the body stands in the output: empty, or its index in an array of bodies.
        whole: what the body as a whole is called.
    """
    problems: dict[tuple[str, str], Problem] = {}
    ordered = sorted(islice(errors, _MOST_PROBLEMS), key=_order)
    mistyped = {tuple(error.absolute_path) for error in ordered if error.validator == "type"}
    for error in ordered:
        if error.validator != "type" and tuple(error.absolute_path) in mistyped:
            continue  # what else is said of it was meant for another type
        problem = _explain_one(error, place, whole)
        # `required` gives an error for each missing field; one sentence names them all.
        problems.setdefault((problem.pointer, problem.message), problem)
    return list(problems.values())


def pointer_to(steps: Iterable[Step]) -> str:
    """Write a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def expression_of(steps: Sequence[Step], *, whole: str = THE_OUTPUT) -> str:
    """Write a place as JavaScript does: ``attributes[0].external_id``, ``output[1].items``."""
    if not steps:
        return whole
    text = "output" if isinstance(steps[0], int) else ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier():
            text += f".{step}" if text else step
        else:
            text += f"[{_quoted(step)}]"
    return text


def describe(value: object) -> str:
    """Say what a JSON value is, shortened."""
    match value:
        case bool() | None:
            return _written(value)
        case str():
            return f"the string {_quoted(value)}" if value else "an empty string"
        case int() | float():
            return f"the number {value}"
        case list():
            return "an array"
        case _:
            return "an object"


def _quoted(text: str) -> str:
    shown = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
    return f'"{shown}"'


def _order(error: ValidationError) -> list[tuple[int, str]]:
    # Indices sort as numbers: [2] before [10].
    return [(step, "") if isinstance(step, int) else (0, str(step)) for step in error.absolute_path]


def _explain_one(error: ValidationError, place: Sequence[Step], whole: str) -> Problem:
    steps: list[Step] = [*place, *error.absolute_path]
    found: Any = error.instance
    schema: Any = error.schema
    hint: str = schema.get("x-hint", "")
    keyword, asked = str(error.validator), error.validator_value
    if "propertyNames" in error.absolute_schema_path:
        # The validator stands on the object and has the name in hand, not the other way round.
        steps.append(found)
    if keyword == "additionalProperties":
        said, hint = _unknown_fields(found, schema, hint=hint)
    else:
        said = _say(keyword, asked, found, schema) or error.message
        hint = _hint_of_slip(keyword, asked, found) or hint or _USUAL_HINTS.get(keyword, "")
    return Problem(
        code=CODE,
        message=f"{expression_of(steps, whole=whole)} {said}.",
        hint=hint,
        pointer=pointer_to(steps),
    )


def _say(  # noqa: PLR0911 - one return a keyword
    keyword: str, asked: Any, found: Any, schema: dict[str, Any]
) -> str:
    match keyword:
        case "required":
            return f"lacks {_listed([name for name in asked if name not in found], 'and')}"
        case "type":
            return f"is {describe(found)}, but must be {_types(asked)}"
        case "enum":
            allowed = _listed([_written(value) for value in asked], "or")
            return f"is {describe(found)}, but must be {allowed}"
        case "const":
            return f"is {describe(found)}, but must be {_written(asked)}"
        case "uniqueItems":
            return f"has {describe(_repeated(found))} twice, but each element may stand there once"
        case "pattern":
            return f"is {describe(found)}, which {schema.get('x-message', f'does not fit {asked}')}"
        case "oneOf":
            return f"has {_present(asked, found)}, but {schema.get('x-message', '')}"
        case _:
            return _say_of_size(keyword, asked, found) or str(schema.get("x-message", ""))


def _say_of_size(  # noqa: PLR0911 - one return a keyword
    keyword: str, asked: Any, found: Any
) -> str:
    match keyword:
        case "minLength" | "maxLength" if not found:
            return "is an empty string"
        case "minLength":
            return f"is {_long(found)}, but at least {asked} are needed"
        case "maxLength":
            return f"is {_long(found)}, but at most {asked} are allowed"
        case "minItems" if not found:
            return "is an empty array"
        case "minItems":
            return f"has {len(found):,} elements, but at least {asked:,} are needed"
        case "maxItems":
            most = "one is" if asked == 1 else f"{asked:,} are"
            return f"has {len(found):,} elements, but at most {most} allowed"
        case "minimum":
            return f"is {found}, but must be at least {asked}"
        case "maximum":
            return f"is {found}, but must be at most {asked}"
        case _:
            return ""


def _long(found: str) -> str:
    return f"{len(found)} character{'' if len(found) == 1 else 's'} long"


def _repeated(found: list[Any]) -> Any:
    return next(each for index, each in enumerate(found) if each in found[:index])


def _present(branches: list[dict[str, Any]], found: dict[str, Any]) -> str:
    """Name the fields that are there of those of which one is asked for."""
    names = [name for branch in branches for name in branch["required"] if name in found]
    return _listed(names, "and") if names else "none of them"


def _hint_of_slip(keyword: str, asked: Any, found: Any) -> str:
    """Say what to do where that does not depend on what the value is for."""
    match keyword, found:
        case "enum", str():
            allowed = [value for value in asked if isinstance(value, str)]
            nearest = get_close_matches(found.lower(), allowed, n=1, cutoff=_ALIKE)
            return f"Did you mean {_quoted(nearest[0])}?" if nearest else ""
        case "type", None:
            return "Leave the field out where there is no value for it."
        case "maxItems", _:
            return "Send the rest in another call."
        case "uniqueItems", _:
            return "Give each element once."
        case _:
            return ""


def _unknown_fields(found: dict[str, Any], schema: dict[str, Any], *, hint: str) -> tuple[str, str]:
    known = set(schema["properties"])
    unknown = [name for name in found if name not in known]
    count = "a field that is" if len(unknown) == 1 else "fields that are"
    said = f"has {count} not known here: {_listed([_quoted(name) for name in unknown], 'and')}"
    for name in unknown:
        nearest = get_close_matches(name.lower(), known, n=1, cutoff=_ALIKE)
        if nearest:
            return said, f"Did you mean {nearest[0]}?"
    return said, _hint_of_mix_up(known, set(unknown)) or hint


def _hint_of_mix_up(known: set[str], unknown: set[str]) -> str:
    """Recognise what belongs to another destination, or one level deeper."""
    if known >= _TRACK_LISTS and unknown & _IDENTIFIERS:
        return "Put the object into a list: return { attributes: [{ … }] }."
    if known >= _TRACK_LISTS and unknown & _CATALOG_FIELDS:
        return (
            "This transformation's destination is track. Choose a catalog destination, "
            'or add destination: "catalog.put" to what is returned.'
        )
    if known >= _CATALOG_FIELDS and unknown & _TRACK_LISTS:
        return (
            "This transformation's destination is a catalog. Choose the destination track, "
            'or add destination: "track" to what is returned.'
        )
    return ""


def _types(names: str | list[str]) -> str:
    if isinstance(names, str):
        return _TYPES[names]
    return _listed([_TYPES[name] for name in names], "or")


def _written(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else orjson.dumps(value).decode()


def _listed(words: Sequence[str], conjunction: str) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
