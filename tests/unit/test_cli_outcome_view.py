"""How an outcome reads in a terminal."""

import io

from rich.console import Console

from transformer.cli.outcome_view import print_outcome
from transformer.delivery import ConsoleLine, Outcome, Problem, Verdict
from transformer.operation import Kind, Operation

CODE = "const user = payload.user;\n\treturn { attributes: [user.emial] };\n"


def shown(outcome: Outcome, *, code: str = CODE) -> str:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    print_outcome(console, outcome, code=code, name="transform.js")
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def failed(*, line: int | None, column: int | None) -> Outcome:
    problem = Problem(
        code="threw", message="x is not defined", hint="Check x.", line=line, column=column
    )
    return Outcome(verdict=Verdict.FAILED, errors=(problem,))


def test_operations_are_listed_with_their_kind_and_catalog() -> None:
    operations = (
        Operation(Kind.ATTRIBUTES, 0, {"external_id": "7"}, ("attributes", 0)),
        Operation(Kind.CATALOG_PUT, 1, {"id": "a"}, ("items", 0), catalog_name="products"),
    )

    text = shown(Outcome(verdict=Verdict.OK, operations=operations, duration_us=1_250))

    assert text.splitlines()[0] == "ok  2 operations  1.2 ms"
    assert 'attributes            {"external_id": "7"}' in text
    assert 'catalog.put products  {"id": "a"}' in text


def test_skipping_is_explained() -> None:
    assert "returned nothing" in shown(Outcome(verdict=Verdict.SKIPPED))


def test_console_lines_are_shown_as_they_were_written() -> None:
    line = ConsoleLine("warn", "[bold]not markup[/bold]")

    assert "console.warn [bold]not markup[/bold]" in shown(
        Outcome(verdict=Verdict.SKIPPED, console=(line,))
    )


def test_an_error_shows_its_source_line_with_a_caret_below_the_column() -> None:
    text = shown(failed(line=1, column=14))

    assert "transform.js:1:14" in text
    lines = text.splitlines()
    source = next(line for line in lines if "const user" in line)
    caret = next(line for line in lines if "^" in line)
    assert source[caret.index("^") :].startswith("payload.user")


def test_the_caret_stands_right_behind_a_tab_too() -> None:
    lines = shown(failed(line=2, column=24)).splitlines()

    source = next(line for line in lines if "return" in line)
    caret = next(line for line in lines if line.endswith("^"))
    assert source[caret.index("^") :].startswith("user.emial")


def test_an_error_beyond_the_code_still_has_its_place() -> None:
    assert "transform.js:99" in shown(failed(line=99, column=None))


def test_an_error_without_a_place_has_its_hint() -> None:
    text = shown(failed(line=None, column=None))

    assert "threw: x is not defined" in text
    assert "Check x." in text
    assert "transform.js" not in text


def test_a_warning_names_the_place_in_the_output() -> None:
    warning = Problem(code="ignored_value", message="It is dropped.", pointer="/attributes/0/dob")

    text = shown(Outcome(verdict=Verdict.OK, warnings=(warning,)))

    assert "/attributes/0/dob" in text


def test_the_caret_stands_right_behind_wide_characters_too() -> None:
    code = "const name = '\u540d\U0001f600' + x;"
    lines = shown(failed(line=1, column=22), code=code).splitlines()

    source = next(line for line in lines if "const name" in line)
    caret = next(line for line in lines if line.endswith("^"))
    wide = len(source.partition("x;")[0]) + 2
    assert len(caret) - 1 == wide


def test_of_code_on_one_long_line_a_part_is_shown() -> None:
    text = shown(failed(line=1, column=50_001), code="a" * 50_000 + "!" + "b" * 50_000)

    assert len(text) < 1_000
    assert "a!b" in text


def test_a_long_hint_is_indented_as_a_whole() -> None:
    problem = Problem(code="threw", message="x", hint="word " * 40)

    text = shown(Outcome(verdict=Verdict.FAILED, errors=(problem,)))

    hint = [line for line in text.splitlines() if "word" in line]
    assert len(hint) > 1
    assert all(line.startswith("  word") for line in hint)
