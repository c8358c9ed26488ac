"""What to do about an error of JavaScript, by what V8 says of it.

A hint is tied to V8's own words and the name in them, or to what stands at the error's place. Where
that does not say what to do, there is none: a guess would send the author the wrong way.
"""

import re
from difflib import get_close_matches
from typing import NamedTuple

from transformer.excerpt import Excerpt

_LIBRARY = (
    "the standard library has sha256, hmac, uuid5, URL, URLSearchParams, atob, btoa, TextEncoder, "
    "TextDecoder and structuredClone."
)
_NO_IMPORTS = f"Imports are not available: paste the function into the code; {_LIBRARY}"
_NO_EXPORTS = (
    "The code is the body of one function: leave exports out, and end it with return and the "
    "result."
)
_NO_NETWORK = (
    "There is no network here: code computes from payload, headers and context alone. Let the "
    "sender put what is needed into the webhook."
)
_NO_TIMERS = "There are no timers: the code runs once, from its first line to its return."
_NO_BROWSER = "There is no browser here: payload, headers and context are all that there is."
_NO_MEMORY = (
    "Nothing is kept between two events: write it to an attribute of the profile, or to a catalog."
)
_WEBHOOK = "The webhook's body is called payload here, its headers are called headers."
_NOT_HERE = "It is not available here, so that the same webhook always gives the same result."

# What code that was written for another place expects to find.
_MISSING = {
    "require": _NO_IMPORTS,
    "module": _NO_EXPORTS,
    "exports": _NO_EXPORTS,
    "_": _NO_IMPORTS,
    "$": _NO_IMPORTS,
    "lodash": _NO_IMPORTS,
    "moment": _NO_IMPORTS,
    "fetch": _NO_NETWORK,
    "axios": _NO_NETWORK,
    "XMLHttpRequest": _NO_NETWORK,
    "WebSocket": _NO_NETWORK,
    "setTimeout": _NO_TIMERS,
    "setInterval": _NO_TIMERS,
    "setImmediate": _NO_TIMERS,
    "clearTimeout": _NO_TIMERS,
    "clearInterval": _NO_TIMERS,
    "process": "There are no environment variables: write the value into the code as a const.",
    "Buffer": "Buffer belongs to Node: use atob and btoa for Base64, TextEncoder for bytes.",
    "crypto": "Use sha256(data), hmac(key, data) or uuid5(name) of the standard library.",
    "window": _NO_BROWSER,
    "document": _NO_BROWSER,
    "navigator": _NO_BROWSER,
    "location": _NO_BROWSER,
    "alert": "Use console.log(…): its lines are shown with the result.",
    "localStorage": _NO_MEMORY,
    "sessionStorage": _NO_MEMORY,
    "event": _WEBHOOK,
    "request": _WEBHOOK,
    "req": _WEBHOOK,
    "body": _WEBHOOK,
    "data": _WEBHOOK,
    "webhook": _WEBHOOK,
    "brazecall": "Declare it with let brazecall = …; and end the code with return brazecall;",
    "True": "JavaScript writes it true.",
    "False": "JavaScript writes it false.",
    "None": "JavaScript writes it null.",
    "Temporal": "Use Date: new Date() is the time at which the event was accepted.",
    "WebAssembly": _NOT_HERE,
    "SharedArrayBuffer": _NOT_HERE,
    "Atomics": _NOT_HERE,
    "WeakRef": _NOT_HERE,
    "FinalizationRegistry": _NOT_HERE,
}
_PRESENT = [
    "payload",
    "headers",
    "context",
    "console",
    "sha256",
    "hmac",
    "uuid5",
    "URL",
    "URLSearchParams",
    "atob",
    "btoa",
    "TextEncoder",
    "TextDecoder",
    "structuredClone",
    "Array",
    "BigInt",
    "Boolean",
    "Date",
    "Error",
    "Intl",
    "JSON",
    "Map",
    "Math",
    "Number",
    "Object",
    "Promise",
    "Reflect",
    "RegExp",
    "Set",
    "String",
    "Symbol",
    "encodeURIComponent",
    "decodeURIComponent",
    "isNaN",
    "parseFloat",
    "parseInt",
]

_FROZEN = (
    "The object is frozen. All built-in objects are, so that no event can leave anything behind "
    "for the next: keep the value in a variable of your own, or copy the object: { ...object }."
)
_TOO_MUCH = "Look for a loop that does not end, or a size that was calculated wrongly."


class _Hint(NamedTuple):
    """What to do where V8 ``says`` this, and where this stands before and behind the place."""

    says: str
    hint: str
    before: str = ""
    behind: str = ""


# The first that fits counts; \1 is the name that V8 gives.
_THROWN = (
    _Hint(
        r"TypeError: Cannot read properties of (?:undefined|null) \(reading '(.{1,80})'\)",
        r"The value before .\1 is missing: the payload may lack it. ?.\1 reads it only where it is "
        "there.",
    ),
    _Hint(
        r"TypeError: Cannot set properties of (?:undefined|null) \(setting '(.{1,80})'\)",
        r"The object that should get \1 is missing: make it first, such as with object = {}.",
    ),
    _Hint(
        r"TypeError: ([\w.$?]{1,80}) is not a function",
        r"\1 is no function here: check its spelling, and that the value before the dot is of the "
        "kind you expect (text, list, number).",
    ),
    _Hint(
        r"TypeError: .+ is not iterable",
        "A list was expected: the payload may lack it, or give one object instead. "
        "(value ?? []) is an empty list where there is none.",
    ),
    _Hint(r"TypeError: Assignment to constant variable\.", "Declare it with let instead of const."),
    _Hint(
        r"TypeError: Cannot (?:assign to read only property|add property|delete property|"
        r"redefine property|define property)",
        _FROZEN,
    ),
    _Hint(
        r"TypeError: (?:Cannot mix BigInt|Cannot convert a BigInt)",
        "Use Number(value) for a number, or String(value) for a text.",
    ),
    _Hint(
        r"ReferenceError: Cannot access '(.{1,80})' before initialization",
        r"Move the line that declares \1 above this one.",
    ),
    _Hint(
        r"EvalError: Code generation from strings disallowed",
        "Text cannot be run as code (eval, new Function): write the code itself; JSON.parse reads "
        "data.",
    ),
    _Hint(
        r"RangeError: Maximum call stack size exceeded",
        "A function calls itself without an end: give it a case in which it returns.",
    ),
    _Hint(
        r"RangeError: (?:Invalid (?:array|string|array buffer|typed array) length|"
        r"Array buffer allocation failed|Invalid count value)",
        _TOO_MUCH,
    ),
    _Hint(
        r"RangeError: Invalid time value",
        "The date could not be read: ISO 8601 always works; seconds since 1970 need "
        "new Date(1000 * seconds).",
    ),
    _Hint(
        r'SyntaxError: "\[object Object\]" is not valid JSON',
        "The value is an object already, as payload is: use it without JSON.parse.",
    ),
    _Hint(
        r'SyntaxError: "undefined" is not valid JSON',
        "The text is missing: the payload may lack it.",
    ),
    _Hint(
        r"SyntaxError: .*(?:is not valid JSON|JSON input|in JSON at position)",
        "JSON.parse was given another text: try { … } catch { … } goes on where it is no JSON.",
    ),
    _Hint(r"URIError: ", "The text is not percent-encoded as it should be: check for a lone %."),
)
_DYNAMIC_IMPORT = "Error: Not supported"
_UNDEFINED = re.compile(r"ReferenceError: (.{1,80}) is not defined")

_SYNTAX = (
    _Hint(r"Cannot use import statement outside a module|Cannot use 'import\.meta'", _NO_IMPORTS),
    _Hint(r"Unexpected token 'export'", _NO_EXPORTS),
    _Hint(
        r"Identifier '(payload|headers|context)' has already been declared",
        r"\1 is there already: leave its declaration out, or choose another name.",
    ),
    _Hint(
        r"Identifier '(.{1,80})' has already been declared",
        r"Choose another name for one of the two, or leave const and let out to change \1.",
    ),
    _Hint(
        r"Unexpected end of the code",
        "Braces and brackets do not match: one is not closed, or one is closed too often.",
    ),
    _Hint(
        r"missing \) after argument list",
        "Close the bracket with ), or put a comma between the values.",
    ),
    _Hint(
        r"Invalid or unexpected token",
        "Replace the typographic quotation marks by straight ones: \" or '.",
        behind="[\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb]",
    ),
    _Hint(
        r"Invalid or unexpected token",
        "An invisible character stands here: delete it, and type the line again.",
        behind="[\u200b\u200c\u200d\u2060\u00ad]",
    ),
    _Hint(
        r"Invalid or unexpected token",
        "The text that begins here is not closed on its line.",
        behind="[\"']",
    ),
    _Hint(
        r"Unexpected token '%'",
        "Liquid does not work here: write if (…) { … }, and payload.field for values.",
        before="{$",
    ),
    _Hint(
        r"Unexpected token '{'",
        "An object begins with one {. Liquid's {{ … }} does not work: use payload.field.",
        before="{$",
    ),
    _Hint(
        r"Unexpected token '<'",
        "HTML is no JavaScript: keep only what stands between <script> and </script>.",
        behind="<[!/A-Za-z]",
    ),
    _Hint(
        r"Missing initializer in const declaration",
        "Types belong to TypeScript: remove the : and the type behind it.",
        behind=r"\w+\s*:",
    ),
    _Hint(
        r"Unexpected (?:strict mode )?reserved word",
        "Types belong to TypeScript: remove them.",
        behind=r"(?:interface|enum)\s+\w+\s*{",
    ),
)


def hint_for_thrown(message: str, line_text: str) -> str:
    """Say what to do about an error that the code threw; empty where V8's words do not tell.

    Args:
        message: as V8 writes it, with the error's class before it.
        line_text: the line on which it was thrown, empty if that is not known.
    """
    undefined = _UNDEFINED.fullmatch(message)
    if undefined:
        return _hint_for_name(undefined[1])
    called = re.fullmatch(r"TypeError: (\w+) is not a function", message)
    if called and called[1] in _MISSING:
        return _MISSING[called[1]]
    if message == _DYNAMIC_IMPORT and "import(" in line_text:
        return _NO_IMPORTS
    return _first_fitting(_THROWN, message, Excerpt("", 0))


def hint_for_syntax(message: str, excerpt: Excerpt) -> str:
    """Say what to do about code that is no JavaScript; empty where V8's words do not tell."""
    return _first_fitting(_SYNTAX, message.removeprefix("SyntaxError: "), excerpt)


def _hint_for_name(name: str) -> str:
    if name in _MISSING:
        return _MISSING[name]
    meant = {present.lower(): present for present in _PRESENT if present != name}
    nearest = get_close_matches(name.lower(), meant, n=1, cutoff=0.75)
    if nearest:
        return f"Did you mean {meant[nearest[0]]}?"
    return f"Declare {name} with const or let before it is used, or check its spelling."


def _first_fitting(hints: tuple[_Hint, ...], message: str, excerpt: Excerpt) -> str:
    before, behind = excerpt.text[: excerpt.caret], excerpt.text[excerpt.caret :]
    for each in hints:
        fitting = re.match(each.says, message)
        if fitting and re.search(each.before, before) and re.match(each.behind, behind):
            return fitting.expand(each.hint)
    return ""
