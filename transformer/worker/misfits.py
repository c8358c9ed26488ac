"""Tells an author what JSON could not hold of what the code returned."""

from sandbox import Misfit, MisfitKind, NotJson
from transformer.delivery import Problem
from transformer.schemas.explanation import CODE, expression_of, pointer_to

_CLASS_HINTS = {
    "Map": "Make it an object: Object.fromEntries(map).",
    "Set": "Make it an array: [...set].",
    "Promise": "Write await before what gives it.",
    "Error": "Take its text: error.message.",
    "RegExp": "Take its text: String(pattern).",
    "URLSearchParams": "Make it an object: Object.fromEntries(params).",
}


def refusal_problem(result: NotJson) -> Problem:
    """Say why the output as a whole could not be written."""
    misfit = result.misfit
    if misfit is None:
        return Problem(
            code=CODE,
            message=f"What the code returned cannot be written as JSON: {result.message.splitlines()[0]}",
            hint="Return plain objects, arrays, strings, numbers, booleans and null.",
        )
    said, hint = _refused(misfit)
    return Problem(
        code=CODE,
        message=f"{expression_of(misfit.path)} {said}.",
        hint=hint,
        pointer=pointer_to(misfit.path),
    )


def lost_problem(misfit: Misfit) -> Problem:
    """Say what JSON left out or changed; the output is valid without it."""
    into_list = bool(misfit.path) and isinstance(misfit.path[-1], int)
    said, hint = _lost(misfit, into_list=into_list)
    alike = f" ({misfit.count - 1:,} more like it)" if misfit.count > 1 else ""
    return Problem(
        code="lost_value",
        message=f"{expression_of(misfit.path)} {said}{alike}.",
        hint=hint,
        pointer=pointer_to(misfit.path),
    )


def _refused(misfit: Misfit) -> tuple[str, str]:
    match misfit.kind:
        case MisfitKind.CYCLE:
            top = misfit.path[: len(misfit.path) - misfit.back]
            whole = expression_of(top) if top else "the output itself"
            return (
                f"leads back to {whole}, a circle that JSON cannot hold",
                "Return only the fields you need of the object: { id: order.id }.",
            )
        case MisfitKind.BIGINT:
            shown = f"the BigInt {misfit.name}" if misfit.name else "a BigInt"
            return (
                f"is {shown}, which JSON cannot hold",
                "Use Number(value) for a number, or String(value) for a text.",
            )
        case MisfitKind.FUNCTION:
            return (
                f"is {_function(misfit.name)} itself, not what it returns",
                f"Call it: return {misfit.name or 'name'}(payload);",
            )
        case _:
            return (
                f"is {_article(misfit.kind.value)}, which JSON cannot hold",
                "Return plain objects, arrays, strings, numbers, booleans and null.",
            )


def _lost(  # noqa: PLR0911 - one return a kind
    misfit: Misfit, *, into_list: bool
) -> tuple[str, str]:
    fate = "becomes null" if into_list else "is left out"
    match misfit.kind:
        case MisfitKind.UNDEFINED if into_list:
            return f"is undefined and {fate}", "list.filter((each) => each !== undefined) drops it."
        case MisfitKind.UNDEFINED:
            return f"is undefined and {fate}", "That is fine for a field that may be missing."
        case MisfitKind.FUNCTION:
            called = misfit.name or "name"
            return f"is {_function(misfit.name)} and {fate}", f"Call it: {called}()."
        case MisfitKind.NUMBER if misfit.name == "NaN":
            return (
                "is NaN and becomes null",
                "It was calculated from something that is no number: look at the payload's values.",
            )
        case MisfitKind.NUMBER:
            return f"is {misfit.name} and becomes null", "Look for a division by zero."
        case MisfitKind.DATE:
            return (
                "is a date that could not be read, and becomes null",
                "ISO 8601 always works; seconds since 1970 need new Date(1000 * seconds).",
            )
        case MisfitKind.OBJECT:
            hint = _CLASS_HINTS.get(misfit.name, "Return the fields you need of it.")
            return f"is {_article(misfit.name or 'object')} and becomes {{}}", hint
        case MisfitKind.BYTES:
            shown = _article(misfit.name or "typed array")
            return f"is {shown} and becomes an object", "Make it an array: Array.from(bytes)."
        case MisfitKind.SYMBOL | MisfitKind.CYCLE | MisfitKind.BIGINT:
            return f"is {_article(misfit.kind.value)} and {fate}", "Return a text or a number."


def _function(name: str) -> str:
    return f"the function {name}" if name else "a function"


def _article(noun: str) -> str:
    return noun if noun == "undefined" else f"{'an' if noun[0] in 'AEIOaeio' else 'a'} {noun}"
