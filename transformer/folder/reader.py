"""Reads a transformation folder.

::

    transformation.toml                 name, destination, source, catalogs, limits
    transform.js                        the code: the body of a function that returns
    cases/NAME/payload.json             the webhook's body
    cases/NAME/headers.json             its headers, if the code looks at them
    cases/NAME/expected.json            {"outcome": "ok", "output": …}
    README.md

What is wrong with a folder is a :class:`UsageError`: its author is at the command line. Running the
code is decided elsewhere.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from transformer.catalog import FieldType
from transformer.delivery import Verdict
from transformer.errors import UsageError
from transformer.event import train_case
from transformer.folder.expectation import Expected
from transformer.folder.file import Table, parse_json, read_text, read_toml
from transformer.transformation import Destination, describe_oversize

_DESCRIPTION_FILE = "transformation.toml"
_CATALOG_WORD = re.compile(r"[A-Za-z0-9_-]{1,250}")


@dataclass(frozen=True, slots=True)
class CatalogField:
    """One column of a catalog that must exist."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class FolderCatalog:
    """A catalog that must exist before the transformation runs; its first field is ``id``."""

    name: str
    fields: tuple[CatalogField, ...]


@dataclass(frozen=True, slots=True)
class FolderLimits:
    """What a run of this transformation may use; None leaves it to the settings."""

    timeout_ms: int | None = None
    heap_mb: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One webhook and what should become of it; header names are in Train-Case."""

    name: str
    path: Path
    payload: bytes
    headers: dict[str, str]
    expected: Expected


@dataclass(frozen=True, slots=True)
class TransformationFolder:
    """A transformation as files; its cases are sorted by name."""

    path: Path
    name: str
    destination: Destination
    source: str
    code: str
    catalogs: tuple[FolderCatalog, ...]
    limits: FolderLimits
    cases: tuple[Case, ...]


def find_folders(root: Path) -> list[Path]:
    """List the transformation folders: ``root`` itself, or those directly in it, sorted."""
    if (root / _DESCRIPTION_FILE).is_file():
        return [root]
    return sorted(path.parent for path in root.glob(f"*/{_DESCRIPTION_FILE}"))


def read_folder(path: Path) -> TransformationFolder:
    """Read a transformation folder with all its cases.

    Raises:
        UsageError: a file is missing or not of its form; the message names file and place.
    """
    described = Table(path / _DESCRIPTION_FILE, "", read_toml(path / _DESCRIPTION_FILE))
    described.refuse_unknown("name", "destination", "source", "catalogs", "limits")
    return TransformationFolder(
        path=path,
        name=described.text("name"),
        destination=_destination(described),
        source=described.text("source", default=""),
        code=_code(path / "transform.js"),
        catalogs=tuple(_catalog(table) for table in described.tables("catalogs")),
        limits=_limits(described.table("limits")),
        cases=tuple(_case(folder) for folder in sorted(path.glob("cases/*")) if folder.is_dir()),
    )


def _code(path: Path) -> str:
    code = read_text(path, "the code of the transformation").decode()
    oversize = describe_oversize(code)
    if oversize:
        raise UsageError(
            f"{path} is {oversize}.",
            hint="Keep only the functions that are used of what was pasted.",
        )
    return code


def _destination(described: Table) -> Destination:
    named = described.text("destination")
    try:
        return Destination(named)
    except ValueError as error:
        raise described.wrong(
            "destination",
            f'is "{named}", but must be one of {", ".join(Destination)}',
            hint="track changes profiles; the others change catalog items.",
        ) from error


def _catalog(table: Table) -> FolderCatalog:
    table.refuse_unknown("name", "fields")
    fields = tuple(_field(field) for field in table.tables("fields"))
    if not fields or fields[0] != CatalogField("id", "string"):
        raise table.wrong(
            "fields",
            "must begin with the item's id",
            hint='Begin the list with { name = "id", type = "string" }.',
        )
    if len({field.name for field in fields}) < len(fields):
        raise table.wrong("fields", "names a field twice", hint="Remove one of the two.")
    return FolderCatalog(name=_catalog_word(table), fields=fields)


def _field(table: Table) -> CatalogField:
    table.refuse_unknown("name", "type")
    kind = table.text("type")
    if kind not in list(FieldType):
        raise table.wrong(
            "type",
            f'is "{kind}", but must be one of {", ".join(FieldType)}',
            hint="Choose the type of the values that this field holds.",
        )
    return CatalogField(name=_catalog_word(table), type=kind)


def _catalog_word(table: Table) -> str:
    name = table.text("name")
    if not _CATALOG_WORD.fullmatch(name):
        raise table.wrong(
            "name",
            f'is "{name}", which a catalog cannot have',
            hint="Use only letters, digits, - and _, at most 250 of them.",
        )
    return name


def _limits(table: Table) -> FolderLimits:
    table.refuse_unknown("timeout_ms", "heap_mb")
    return FolderLimits(timeout_ms=table.count("timeout_ms"), heap_mb=table.count("heap_mb"))


def _case(path: Path) -> Case:
    payload = path / "payload.json"
    body = read_text(payload, "the webhook's body")
    parse_json(payload, body)
    return Case(
        name=path.name,
        path=path,
        payload=body,
        headers=_headers(path / "headers.json"),
        expected=_expected(path / "expected.json"),
    )


def _headers(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    headers = parse_json(path, read_text(path, "the webhook's headers"))
    if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
        raise UsageError(
            f"{path} must be one object of header names and texts.",
            hint='Write {"X-Example-Event": "created"}.',
        )
    return {train_case(name): value for name, value in headers.items()}


def _expected(path: Path) -> Expected:
    if not path.exists():
        return Expected()
    described = parse_json(path, read_text(path, "what the case should give"))
    if not isinstance(described, dict):
        raise UsageError(f"{path} must be an object.", hint='Write {"outcome": "skipped"}.')
    table = Table(path, "", described)
    table.refuse_unknown("outcome", "output", "errors")
    named = table.text("outcome")
    if named not in tuple(Verdict):
        raise table.wrong(
            "outcome",
            f'is "{named}", but must be one of {", ".join(Verdict)}',
            hint="skipped means that the code returns nothing.",
        )
    errors = tuple(error.values for error in table.tables("errors"))
    return Expected(
        verdict=Verdict(named),
        output=described.get("output"),
        has_output="output" in described,
        errors=errors,
    )
