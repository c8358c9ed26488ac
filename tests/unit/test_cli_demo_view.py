"""How the demo reads: on a terminal, in a pipe, 80 columns wide."""

import io
from pathlib import Path
from typing import Any

from rich.console import Console

from transformer.cli.demo_view import DemoView, Row
from transformer.delivery import Problem, State, Verdict
from transformer.folder import (
    Case,
    CatalogField,
    Expected,
    FolderCatalog,
    FolderLimits,
    TransformationFolder,
)
from transformer.transformation import Destination

CASE = Case("two-items", Path("cases/two-items"), b'{"n": 1}' * 200, {}, Expected(Verdict.OK))
FOLDER = TransformationFolder(
    path=Path("shopify-order"),
    name="Shopify order",
    destination=Destination.TRACK,
    source="Shopify",
    code="return null;",
    catalogs=(),
    limits=FolderLimits(),
    cases=(CASE,),
)


class Page:
    """A view and what it has written."""

    def __init__(self) -> None:
        self._file = io.StringIO()
        self.view = DemoView(Console(file=self._file, width=80, highlight=False), [FOLDER])

    @property
    def text(self) -> str:
        return self._file.getvalue()


def make_row(**changes: Any) -> Row:
    operations = tuple({"kind": kind} for kind in ("attributes", "event", "event"))
    given: dict[str, Any] = {
        "case": CASE,
        "state": State.APPLIED,
        "operations": operations,
        "errors": (),
        "seconds": 0.0123,
        "differences": (),
    }
    return Row(**(given | changes))


def test_a_webhook_is_one_line_with_everything_about_it() -> None:
    page = Page()
    page.view.show_row(make_row())

    [line] = page.text.splitlines()
    assert line.split()[0] == "two-items"
    for part in (" 1,600 ", " applied ", "1 attribute, 2 events", " 12 ✓"):
        assert part in line


def test_no_line_is_wider_than_the_terminal() -> None:
    page = Page()
    long = Problem(code="threw", message="The payer's email is missing: " + "x" * 200)
    page.view.show_row(make_row(state=State.FAILED, errors=(long,)))

    assert max(map(len, page.text.splitlines())) <= 80
    assert "…" in page.text


def test_an_unexpected_outcome_says_how_it_differs() -> None:
    page = Page()
    page.view.show_row(make_row(differences=("The outcome is ok, but skipped was expected.",)))

    assert "✗" in page.text.splitlines()[0]
    assert "but skipped was expected" in page.text


def test_totals_count_every_outcome() -> None:
    page = Page()
    page.view.show_totals([make_row(), make_row(state=State.SKIPPED), make_row(state=State.FAILED)])

    assert "3 webhooks: 1 applied, 1 skipped, 1 failed as expected" in page.text
    assert "3 of 3 outcomes are the expected ones" in page.text


def test_totals_do_not_call_a_surprise_expected() -> None:
    page = Page()
    page.view.show_totals([make_row(), make_row(state=State.FAILED, differences=("It failed.",))])

    assert "as expected" not in page.text
    assert "1 of 2 outcomes are the expected ones" in page.text


def test_a_profile_is_a_card_of_what_a_person_looks_for() -> None:
    page = Page()
    page.view.show_profiles(
        [
            {
                "external_id": "71",
                "braze_id": "prf_0",
                "first_name": "Ada",
                "email": "ada@example.com",
                "custom_attributes": {"plan": "pro", "newsletter": True},
                "custom_events": [{"name": "Order Placed", "count": 2}],
                "purchases": [{"name": "tea", "count": 3}],
            }
        ]
    )

    assert "Ada  71  ada@example.com" in page.text
    assert "plan pro · newsletter yes" in page.text
    assert "Order Placed (2)" in page.text
    assert "tea (3)" in page.text
    assert "prf_0" not in page.text


def test_a_catalog_item_is_a_card_that_breaks_between_its_fields() -> None:
    page = Page()
    item = {"id": "teapot-green", **{f"field_{number}": "x" * 20 for number in range(5)}}
    page.view.show_catalog(FolderCatalog("products", (CatalogField("id", "string"),)), [item])

    lines = page.text.splitlines()
    assert " teapot-green" in lines
    assert [line.count("field_") for line in lines if "field_" in line] == [2, 2, 1]


def test_a_pipe_gets_no_control_characters() -> None:
    page = Page()
    page.view.begin(Path("/data"), kept=False)
    page.view.report("child.started", role="web", pid=1)
    page.view.show_row(make_row())

    assert "\x1b" not in page.text
