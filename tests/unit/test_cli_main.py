"""How a command line may end: with a status, and with sentences instead of tracebacks."""

import pytest

from transformer.cli.main import main


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRANSFORMER_PORT", "TRANSFORMER_REDIS_URL", "TRANSFORMER_DEBUG"):
        monkeypatch.delenv(name, raising=False)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    shown = capsys.readouterr().out
    commands = "up demo run send replay doctor settings web worker writer scheduler migrate version"
    assert [name for name in commands.split() if f" {name} " not in shown] == []


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "Usage: transformer" in capsys.readouterr().out


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out.startswith("transformer ")


@pytest.mark.parametrize(
    "words", [["fly"], ["up", "--port", "70000"], ["send"], ["run", "x.js"], ["up", "--fast"]]
)
def test_wrong_words_end_with_2_and_a_next_step(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2

    shown = capsys.readouterr().err
    assert shown.startswith("Error: ")
    assert "--help" in shown


def test_a_setting_of_the_wrong_kind_ends_with_2_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRANSFORMER_PORT", "many")

    assert main(["settings"]) == 2
    assert "TRANSFORMER_PORT is 'many'" in capsys.readouterr().err


def test_settings_are_listed_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRANSFORMER_ADMIN_TOKEN", "hunter2")
    monkeypatch.setenv("TRANSFORMER_REDIS_URL", "redis://me:hunter2@cache:6379")

    assert main(["settings"]) == 0

    shown = capsys.readouterr().out
    assert "TRANSFORMER_REDIS_URL" in shown
    assert "cache:6379" in shown
    assert "hunter2" not in shown


def test_what_breaks_unexpectedly_is_one_sentence_and_a_way_to_see_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _break_settings(monkeypatch)

    assert main(["settings"]) == 1

    shown = capsys.readouterr().err
    assert shown.startswith("Error: Something broke that should not: ZeroDivisionError: oh")
    assert "--traceback" in shown
    assert "Traceback" not in shown


def test_a_traceback_is_shown_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _break_settings(monkeypatch)

    assert main(["--traceback", "settings"]) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_ctrl_c_ends_quietly_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("transformer.cli.settings_table.print_settings", interrupted)

    assert main(["settings"]) == 130
    assert capsys.readouterr().err == ""


def _break_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("transformer.cli.settings_table.print_settings", broken)
