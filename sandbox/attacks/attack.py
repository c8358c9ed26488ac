"""An attack on the sandbox, and the files that the corpus keeps them in.

Decided here: the form of a file. What the attack's own text means is decided by the runner of its
suffix (drill.py).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from sandbox.limits import Limits

CORPUS = Path(__file__).parent / "corpus"

# By the suffix of an attack's file: how its leading comment lines begin, and how it can end.
_MARKS: Mapping[str, str] = {".js": "//", ".py": "#", ".toml": "#"}
_ENDS: Mapping[str, re.Pattern[str]] = {
    ".js": re.compile(
        "returned .+|threw .+|skipped|timed_out|never_settled|out_of_memory|output_too_large"
        "|not_json|syntax_invalid|no residue"
    ),
    ".py": re.compile("stopped"),
    ".toml": re.compile("died( .+)?|timed_out|unavailable|syntax_invalid|returned .+"),
}

_KEYS = ("expect", "limits", "payload", "headers", "layers")
_KEY_LINE = re.compile(r"(?P<key>[a-z_]+): *(?P<value>\S.*)")


class AttackMalformed(Exception):
    """A file of the corpus is not of the form that README.md lays down."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True, slots=True)
class Attack:
    """One attempt, and how it has to end for the sandbox to have held.

    ``about`` is the sentence that says what is tried; ``expect`` the end, in the words of README.md;
    ``options`` the other lines of the file's head; ``text`` what comes after them.
    """

    group: str
    name: str
    about: str
    expect: str
    options: Mapping[str, str]
    text: str
    path: Path

    @property
    def title(self) -> str:
        """Name it as the corpus does: GROUP/NAME."""
        return f"{self.group}/{self.name}"

    def limits(self, usual: Limits) -> Limits:
        """Give the limits that it is run under: the usual ones, but for those that it names."""
        return _limits(self.options.get("limits", ""), usual)


def load_corpus(folder: Path = CORPUS) -> list[Attack]:
    """Read all attacks, in the order of their titles.

    Raises:
        AttackMalformed: a file is not of the form of README.md.
    """
    files = [path for path in folder.glob("*/*") if path.is_file()]
    return sorted((read_attack(path) for path in files), key=lambda attack: attack.title)


def read_attack(path: Path) -> Attack:
    """Read the file of one attack.

    Raises:
        AttackMalformed: it is not of the form of README.md.
    """
    return parse_attack(path.read_text(encoding="utf-8"), path)


def parse_attack(content: str, path: Path) -> Attack:
    """Read an attack from what stands, or would stand, in the file at ``path``.

    Raises:
        AttackMalformed: it is not of the form of README.md.
    """
    mark = _MARKS.get(path.suffix)
    if mark is None:
        raise AttackMalformed(path, 1, f"The file's name ends in one of {', '.join(_MARKS)}.")
    # Only \n ends a line: an attack may contain what JavaScript and str.splitlines end theirs with.
    lines = content.split("\n")
    about = _remark(lines[0], mark)
    if not about.endswith("."):
        raise AttackMalformed(path, 1, f"The first line is a sentence after {mark!r}.")
    options: dict[str, str] = {}
    number = 1
    while number < len(lines) and lines[number].startswith(mark):
        key, value = _option(lines[number], mark, path, number + 1)
        if key in options:
            raise AttackMalformed(path, number + 1, f"{key!r} stands there twice.")
        options[key] = value
        number += 1
    if "expect" not in options:
        raise AttackMalformed(path, number + 1, "There is no line 'expect: …'.")
    expect = options.pop("expect")
    text = "\n".join(lines[number:])
    if not text.strip():
        raise AttackMalformed(path, number + 1, "The attack itself is missing.")
    return Attack(path.parent.name, path.stem, about, expect, options, text, path)


def _remark(line: str, mark: str) -> str:
    return line.removeprefix(mark).strip() if line.startswith(mark) else ""


def _option(line: str, mark: str, path: Path, number: int) -> tuple[str, str]:
    found = _KEY_LINE.fullmatch(_remark(line, mark))
    if found is None or found["key"] not in _KEYS:
        raise AttackMalformed(
            path, number, f"Expected 'key: value' with a key of {', '.join(_KEYS)}."
        )
    key, value = found["key"], found["value"].strip()
    try:
        match key:
            case "limits":
                _limits(value, Limits())
            case "payload" | "headers":
                json.loads(value)
            case "expect" if not _ENDS[path.suffix].fullmatch(value):
                raise ValueError("no attack of this kind ends so")  # noqa: TRY301
            case _:
                pass
    except (ValueError, TypeError) as error:
        raise AttackMalformed(path, number, f"{key!r} cannot be read: {error}.") from error
    return key, value


def _limits(text: str, usual: Limits) -> Limits:
    names = {field.name for field in fields(Limits)}
    values: dict[str, int] = {}
    for word in text.split():
        name, _, number = word.partition("=")
        if name not in names:
            raise ValueError(f"there is no limit {name!r}")
        values[name] = int(number)
    return replace(usual, **values)
