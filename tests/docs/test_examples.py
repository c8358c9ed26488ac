"""Every case of every example, run in the real sandbox, gives what it says it gives."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Limits, SandboxPool
from transformer.delivery import Verdict
from transformer.folder import Case, TransformationFolder, compare, find_folders, read_folder
from transformer.ids import WorkspaceId
from transformer.worker.check import Checker
from transformer.worker.preview import Preview
from transformer.worker.transform import Transformer

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDERS = [read_folder(path) for path in find_folders(EXAMPLES)]

each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.path.name)
each_case = pytest.mark.parametrize(
    ("folder", "case"),
    [
        pytest.param(folder, case, id=f"{folder.path.name}/{case.name}")
        for folder in FOLDERS
        for case in folder.cases
    ],
)


@pytest.fixture(scope="module")
def preview() -> Iterator[Preview]:
    limits = Limits(timeout_ms=5_000, heap_mb=64)
    with SandboxPool(limits=limits, max_guests=1) as pool:
        yield Preview(Transformer(pool, Checker()))


@each_case
def test_a_case_gives_what_it_expects(
    preview: Preview, folder: TransformationFolder, case: Case
) -> None:
    outcome = preview.run(
        workspace_id=WorkspaceId("examples"),
        code=folder.code,
        destination=folder.destination,
        payload=case.payload,
        headers=case.headers,
        context={"event_id": "evt_" + "0" * 32, "accepted_at": "2025-03-14T09:26:53.589Z"},
    )
    assert compare(case.expected, outcome) == []
    assert outcome.warnings == ()


def test_there_are_examples() -> None:
    assert len(FOLDERS) >= 8


@each_folder
def test_an_example_shows_a_success_a_skip_and_a_failure(folder: TransformationFolder) -> None:
    assert {case.expected.verdict for case in folder.cases} == set(Verdict)


@each_folder
def test_a_failure_tells_the_reader_why(folder: TransformationFolder) -> None:
    for case in folder.cases:
        if case.expected.verdict is Verdict.FAILED:
            (error,) = case.expected.errors
            assert error["message"]


@each_folder
def test_an_examples_readme_lists_its_cases_and_their_outcomes(
    folder: TransformationFolder,
) -> None:
    readme = (folder.path / "README.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in readme.splitlines() if line.startswith("| `")]
    listed = [(row[0].strip("`"), row[-1]) for row in rows]
    assert listed == [(case.name, case.expected.verdict) for case in folder.cases]


@each_folder
def test_an_example_takes_its_times_from_the_payload(folder: TransformationFolder) -> None:
    for moving in ("new Date()", "Date.now", "Math.random"):
        assert moving not in folder.code


@each_folder
def test_an_example_names_only_people_and_hosts_that_do_not_exist(
    folder: TransformationFolder,
) -> None:
    for case in folder.cases:
        addresses = re.findall(rb'"[^"@ ]+@([^"@> ]+)', case.payload)
        assert all(host.endswith(b"example.com") for host in addresses)


def test_stock_changes_find_the_items_that_product_updates_put() -> None:
    put, patched = (item_ids(name) for name in ("product-update", "stock-change"))
    assert patched <= put


def item_ids(name: str) -> set[str]:
    folder = read_folder(EXAMPLES / name)
    outputs = [case.expected.output for case in folder.cases if case.expected.has_output]
    return {item["id"] for output in outputs for item in output["items"]}


def test_examples_that_share_a_catalog_agree_on_its_fields() -> None:
    catalogs = {catalog for folder in FOLDERS for catalog in folder.catalogs}
    assert len({catalog.name for catalog in catalogs}) == len(catalogs)


def test_items_have_only_fields_that_their_catalog_has() -> None:
    for folder in FOLDERS:
        for catalog in folder.catalogs:
            known = {field.name for field in catalog.fields}
            for case in folder.cases:
                if case.expected.has_output:
                    for item in case.expected.output["items"]:
                        assert item.keys() <= known
