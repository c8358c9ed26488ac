"""A line of an author's code as it is shown beside a problem.

Lines end and columns count as V8 says: a character outside the basic plane is two columns.
"""

import re
from dataclasses import dataclass

_LINE_END = re.compile("\r\n|[\n\r\u2028\u2029]")
_SHOWN_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of a line; ``caret`` is the index in it of the character meant."""

    text: str
    caret: int


def excerpt_of(code: str, *, line: int, column: int | None) -> Excerpt | None:
    """Cut a place (from 1) out of the code; None where the code has no such line.

    Of a line that is very long, as minified code has, the part around the place is shown.
    """
    lines = _LINE_END.split(code)
    if not 1 <= line <= len(lines):
        return None
    text = lines[line - 1]
    caret = _index_of(text, column or 1)
    if len(text) <= _SHOWN_CHARACTERS:
        return Excerpt(text, caret)
    begin = max(0, min(caret - _SHOWN_CHARACTERS // 2, len(text) - _SHOWN_CHARACTERS))
    end = begin + _SHOWN_CHARACTERS
    head, tail = "…" if begin else "", "…" if end < len(text) else ""
    return Excerpt(head + text[begin:end] + tail, len(head) + caret - begin)


def _index_of(text: str, column: int) -> int:
    before = text.encode("utf-16-le", "surrogatepass")[: 2 * (column - 1)]
    return len(before.decode("utf-16-le", "ignore"))
