"""A transformation folder is read, and what is wrong with it is told with its file and place."""

from pathlib import Path

import pytest

from transformer.delivery import Verdict
from transformer.errors import UsageError
from transformer.folder import CatalogField, FolderCatalog, FolderLimits, find_folders, read_folder
from transformer.transformation import Destination

DESCRIPTION = """
name = "Stock"
destination = "catalog.patch"
source = "Shop"

[[catalogs]]
name = "products"
fields = [{ name = "id", type = "string" }, { name = "price", type = "number" }]

[limits]
timeout_ms = 250
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "stock"
    case = path / "cases" / "sold-out"
    case.mkdir(parents=True)
    (path / "transformation.toml").write_text(DESCRIPTION)
    (path / "transform.js").write_text("return payload;\n")
    (case / "payload.json").write_text('{"sku": "teapot"}')
    (case / "headers.json").write_text('{"x-shop-topic": "stock"}')
    (case / "expected.json").write_text('{"outcome": "ok", "output": null}')
    return path


def fault_of(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_folder(path)
    assert caught.value.hint
    return caught.value.message.replace(f"{path}/", "")


def describe(folder: Path, description: str) -> Path:
    (folder / "transformation.toml").write_text(description)
    return folder


def test_a_folder_is_read_as_it_stands(folder: Path) -> None:
    read = read_folder(folder)
    assert (read.name, read.destination, read.source) == (
        "Stock",
        Destination.CATALOG_PATCH,
        "Shop",
    )
    assert read.code == "return payload;\n"
    assert read.limits == FolderLimits(timeout_ms=250)
    assert read.catalogs == (
        FolderCatalog("products", (CatalogField("id", "string"), CatalogField("price", "number"))),
    )


def test_a_case_keeps_its_payload_byte_for_byte(folder: Path) -> None:
    (case,) = read_folder(folder).cases
    assert (case.name, case.payload) == ("sold-out", b'{"sku": "teapot"}')


def test_header_names_are_as_user_code_sees_them(folder: Path) -> None:
    (case,) = read_folder(folder).cases
    assert case.headers == {"X-Shop-Topic": "stock"}


def test_an_expected_output_of_null_is_not_the_same_as_none_given(folder: Path) -> None:
    (case,) = read_folder(folder).cases
    assert (case.expected.verdict, case.expected.has_output) == (Verdict.OK, True)


def test_a_case_without_headers_has_none(folder: Path) -> None:
    (folder / "cases/sold-out/headers.json").unlink()
    assert read_folder(folder).cases[0].headers == {}


def test_a_case_that_expects_nothing_yet_is_read(folder: Path) -> None:
    (folder / "cases/sold-out/expected.json").unlink()
    assert read_folder(folder).cases[0].expected.verdict is None


def test_cases_are_sorted_by_name(folder: Path) -> None:
    for name in ("z", "a"):
        (folder / "cases" / name).mkdir()
        (folder / "cases" / name / "payload.json").write_text("1")
    assert [case.name for case in read_folder(folder).cases] == ["a", "sold-out", "z"]


def test_limits_and_catalogs_may_be_absent(folder: Path) -> None:
    describe(folder, 'name = "Stock"\ndestination = "track"\n')
    read = read_folder(folder)
    assert (read.limits, read.catalogs, read.source) == (FolderLimits(), (), "")


def test_folders_are_found_in_the_order_of_their_names(folder: Path) -> None:
    other = folder.parent / "alpha"
    other.mkdir()
    describe(other, "")
    (folder.parent / "no-folder").mkdir()
    assert find_folders(folder.parent) == [other, folder]


def test_a_folder_is_found_in_itself(folder: Path) -> None:
    assert find_folders(folder) == [folder]


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ("transformation.toml", "transformation.toml is missing: the description of the"),
        ("transform.js", "transform.js is missing: the code of the transformation."),
        ("cases/sold-out/payload.json", "cases/sold-out/payload.json is missing: the webhook's"),
    ],
)
def test_a_missing_file_is_named(folder: Path, file: str, fault: str) -> None:
    (folder / file).unlink()
    assert fault_of(folder).startswith(fault)


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("transformation.toml", "name =", "transformation.toml is not TOML: Invalid value"),
        ("cases/sold-out/payload.json", '{"a":\n}', "cases/sold-out/payload.json is not JSON: "),
        (
            "cases/sold-out/headers.json",
            '{"X-A": 1}',
            "cases/sold-out/headers.json must be one object of header names and texts.",
        ),
        (
            "cases/sold-out/expected.json",
            '{"outcome": "fine"}',
            'cases/sold-out/expected.json: outcome is "fine", but must be one of ok, skipped,',
        ),
        (
            "cases/sold-out/expected.json",
            '{"outcome": "ok", "ouput": 1}',
            "cases/sold-out/expected.json: ouput is not known here.",
        ),
        ("cases/sold-out/expected.json", "[]", "cases/sold-out/expected.json must be an object."),
        (
            "cases/sold-out/expected.json",
            '{"outcome": "failed", "errors": ["x"]}',
            "cases/sold-out/expected.json: errors must be a list of objects.",
        ),
    ],
)
def test_a_file_of_a_wrong_form_is_named_with_the_place(
    folder: Path, file: str, text: str, fault: str
) -> None:
    (folder / file).write_text(text)
    assert fault_of(folder).startswith(fault)


def test_a_file_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "transform.js").write_bytes(b"\xff\xfe")
    assert fault_of(folder).startswith("transform.js cannot be read: ")


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('name = "Stock"', "", "name is missing."),
        ('name = "Stock"', 'name = ""', 'name is "", but must be text.'),
        ('name = "Stock"', "name = 5", "name is 5, but must be text."),
        ('"catalog.patch"', '"patch"', 'destination is "patch", but must be one of track,'),
        ("source =", "sauce =", "sauce is not known here."),
        ("timeout_ms = 250", "timeout_ms = 0", "limits.timeout_ms is 0, but must be a whole"),
        ("timeout_ms = 250", "timeout_ms = true", "limits.timeout_ms is true, but must be a"),
        ("timeout_ms", "timeout", "limits.timeout is not known here."),
        ('"products"', '"my products"', 'catalogs[0].name is "my products", which a catalog'),
        ("[[catalogs]]", "[catalogs]", "catalogs must be a list of objects."),
        ('{ name = "id", type = "string" }, ', "", "catalogs[0].fields must begin with the"),
        ('"number"', '"float"', 'catalogs[0].fields[1].type is "float", but must be one of'),
        ('"price"', '"id"', "catalogs[0].fields names a field twice."),
    ],
)
def test_a_wrong_description_is_told_with_the_place(
    folder: Path, before: str, after: str, fault: str
) -> None:
    assert before in DESCRIPTION
    describe(folder, DESCRIPTION.replace(before, after, 1))
    assert fault_of(folder).removeprefix("transformation.toml: ").startswith(fault)


def test_code_that_is_too_large_is_refused_with_its_size(folder: Path) -> None:
    (folder / "transform.js").write_text("//" + "x" * 262_143)
    said = "transform.js is 262,145 bytes large, but code may have at most 262,144."
    assert fault_of(folder) == said
