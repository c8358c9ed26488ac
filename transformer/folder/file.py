"""The files of a transformation folder, read so that each fault names its file and place."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from transformer.errors import UsageError


def read_toml(path: Path) -> dict[str, Any]:
    """Read a description.

    Raises:
        UsageError: the file is missing, or no TOML.
    """
    try:
        return tomllib.loads(read_text(path, "the description of the transformation").decode())
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}.", hint="Correct that line.") from error


def parse_json(path: Path, text: bytes) -> Any:
    """Parse what was read from ``path``.

    Raises:
        UsageError: it is no JSON.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UsageError(
            f"{path} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            hint="Correct that line.",
        ) from error


def read_text(path: Path, what: str) -> bytes:
    """Read a text file in UTF-8; ``what`` says what it holds.

    Raises:
        UsageError: the file is missing or unreadable.
    """
    try:
        text = path.read_bytes()
        text.decode()
    except FileNotFoundError as error:
        raise UsageError(
            f"{path} is missing: {what}.", hint="Create the file, or check the folder's path."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}.", hint="It must be a text file in UTF-8."
        ) from error
    return text


@dataclass(frozen=True, slots=True)
class Table:
    """A table of TOML or an object of JSON, which knows where it stands."""

    file: Path
    place: str
    values: Mapping[str, Any]

    def wrong(self, key: str, said: str, *, hint: str) -> UsageError:
        """Make the error that says what is wrong with a value."""
        return UsageError(f"{self.file}: {self.place}{key} {said}.", hint=hint)

    def text(self, key: str, *, default: str | None = None) -> str:
        """Give a text; without a default it must be there and not be empty."""
        value = self.values.get(key, default)
        if value is None:
            raise self.wrong(key, "is missing", hint=f"Add {key} to the file.")
        if not isinstance(value, str) or (not value and default is None):
            raise self.wrong(
                key, f"is {_shown(value)}, but must be text", hint="Write it between quotes."
            )
        return value

    def count(self, key: str) -> int | None:
        """Give a whole number from 1, or None where there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong(
                key,
                f"is {_shown(value)}, but must be a whole number from 1",
                hint="Correct it, or remove it to use the settings' limit.",
            )
        return value

    def table(self, key: str) -> "Table":
        """Give a table in this one; an empty one where there is none."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(
                key, "must be an object", hint=f"In TOML, write [{key}] above its lines."
            )
        return Table(self.file, f"{self.place}{key}.", value)

    def tables(self, key: str) -> list["Table"]:
        """Give a list of tables in this one."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.wrong(
                key, "must be a list of objects", hint=f"In TOML, write [[{key}]] above each."
            )
        return [
            Table(self.file, f"{self.place}{key}[{index}].", value)
            for index, value in enumerate(values)
        ]

    def refuse_unknown(self, *known: str) -> None:
        """Raise at a key that is none of ``known``: it is most likely a slip of the pen."""
        for key in self.values:
            if key not in known:
                raise self.wrong(
                    key,
                    "is not known here",
                    hint=f"Known are {', '.join(known)}; correct the name.",
                )


def _shown(value: object) -> str:
    return orjson.dumps(value, default=str).decode()
