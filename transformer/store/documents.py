"""Documents on their way into the store: encoded once, and holdable by both databases.

PostgreSQL's JSONB refuses the character NUL, which JSON allows and anyone may send. Refusing the
row would stop its workspace for ever, so the character becomes U+FFFD, on SQLite too: the two give
the same answers. An event's body is bytes and stays as it came.
"""

from typing import Any

import orjson

_NUL_IN_JSON = b"\\u0000"
_NUL = "\x00"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def encoded(document: Any) -> str:
    """Encode a JSON document for a row of a :class:`transformer.store.bulk.Bulk`."""
    text = orjson.dumps(document)
    if _NUL_IN_JSON in text:
        text = orjson.dumps(without_nul(document))
    return text.decode()


def passed_on(text: bytes) -> str:
    """Give a document for a row that is JSON already."""
    return encoded(orjson.loads(text)) if _NUL_IN_JSON in text else text.decode()


def without_nul(value: Any) -> Any:
    """Give a JSON value that both databases can hold."""
    match value:
        case str():
            return value.replace(_NUL, _REPLACEMENT)
        case dict():
            return {without_nul(name): without_nul(held) for name, held in value.items()}
        case list() | tuple():
            return [without_nul(held) for held in value]
        case _:
            return value
