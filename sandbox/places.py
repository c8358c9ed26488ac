"""Places in a program's text: what a line is, and which lines and columns there are.

V8 tells the places of errors, but it tells them from inside the guest; the host holds them against its
own copy of the text.
"""

import re

_LINE_END = re.compile("\r\n|[\n\r\u2028\u2029]")


def lines_of(code: str) -> list[str]:
    """Cut a program where JavaScript ends its lines."""
    return _LINE_END.split(code)


class Places:
    """The places of one program's text, looked up only once somebody asks."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._lines: list[str] | None = None

    def has(self, line: int, column: int) -> bool:
        """Say whether the text has this line and column (both from 1)."""
        text = self.line(line)
        return text is not None and 1 <= column <= _units(text) + 1

    def line(self, number: int) -> str | None:
        """Give the text of a line (from 1), if there is one."""
        if self._lines is None:
            self._lines = lines_of(self._code)
        return self._lines[number - 1] if 1 <= number <= len(self._lines) else None


def _units(text: str) -> int:
    """Count as JavaScript does: a character beyond the first 65,536 counts twice."""
    if text.isascii():
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)
