"""What is printed cannot steer the terminal that it is printed on."""

import pytest
from rich.table import Table
from rich.text import Text

from transformer.cli.terminal import notes, results, say_error

ARMED = "\x1b]0;title\x07\x1b[31mred\x9b1mbold\x7f\ttab"
DISARMED = "\u241b]0;title\u241b[31mred\ufffd1mbold\u2421"


def test_control_characters_are_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    grid = Table.grid()
    grid.add_row(Text(ARMED))
    for printed in (ARMED, Text(ARMED), grid):
        results().print(printed)
        notes().print(printed)
    say_error(ARMED, ARMED)
    out, err = capsys.readouterr()
    assert out.count(DISARMED) == 3
    assert err.count(DISARMED) == 5
    assert not set("\x1b\x07\x7f\x9b") & set(out + err)


def test_styles_are_still_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    results().print(Text("\x1b[31m", "bold"))
    assert capsys.readouterr().out == "\x1b[1m\u241b[31m\x1b[0m\n"
