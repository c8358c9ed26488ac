"""`transformer run --against`: what would change in a store, which may be in use and is left alone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, insert, text

from tests.support.settlements import WORKSPACE, attributes, event, make_settlement, purchase
from transformer.cli.main import main
from transformer.store.engine import open_engine, writing
from transformer.store.migrate import migrate
from transformer.store.tables import workspaces
from transformer.store.workspaces import ensure_default_workspace
from transformer.writer.apply import apply_batch

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OTHER = "wsp_" + "1" * 32
CODE = """const who = { external_id: payload.id };
const time = "2026-01-02T03:04:05Z";
return {
  attributes: [{ ...who, plan: "pro" }, { external_id: "eve", email: "eve@x.co" }],
  events: [{ ...who, name: "ordered", time }],
  purchases: [{ ...who, product_id: "mug", price: 10, currency: "EUR", time }],
};"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder as `up` leaves it behind."""
    folder = tmp_path / "data"
    folder.mkdir()
    url = f"sqlite:///{folder / 'transformer.db'}"
    migrate(url)
    engine = open_engine(url)
    with writing(engine) as connection:
        ensure_default_workspace(connection, now=NOW)
        row = {"id": OTHER, "name": "other", "created_at": "2026-03-01T12:00:00.000Z"}
        connection.execute(insert(workspaces), row)
        apply_batch(
            connection,
            workspace_id=WORKSPACE,
            settlements=[
                make_settlement(
                    attributes(external_id="ada", plan="free"),
                    event(external_id="ada", name="ordered"),
                    purchase(external_id="ada", price=10, quantity=2),
                )
            ],
            now=NOW,
        )
    engine.dispose()
    return folder


@pytest.fixture
def in_use(data: Path) -> Iterator[Engine]:
    """The same folder, held open as a writer does."""
    engine = open_engine(f"sqlite:///{data / 'transformer.db'}")
    with writing(engine) as connection:
        connection.execute(text("UPDATE workspaces SET name = 'changed'"))
    yield engine
    engine.dispose()


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """`run` with code and payload."""
    code, payload = tmp_path / "transform.js", tmp_path / "p.json"
    code.write_text(CODE, encoding="utf-8")
    payload.write_text('{"id": "ada"}', encoding="utf-8")
    return ["run", str(code), "--payload", str(payload)]


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return orjson.loads(capsys.readouterr().out)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_each_value_that_would_change_has_a_line(
    data: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--against", str(data)]) == 0
    shown = capsys.readouterr().out.partition("against ")[2]
    lines = [line.strip() for line in shown.splitlines() if line.strip()]
    assert lines == [
        f"{data}  would be applied  nothing was written",
        "~ profile with external_id ada  changed",
        'plan           "free" → "pro"',
        "event ordered  1 → 2",
        "purchase mug   2 → 3",
        "total_revenue  20.00 → 30.00",
        "+ profile with external_id eve  created",
        'email  "eve@x.co"',
    ]


def test_json_has_the_changes_as_data_and_as_sentences(
    data: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--against", str(data), "--json"]) == 0
    changes = _json(capsys)["changes"]
    assert (changes["outcome"], changes["operations"], changes["errors"]) == ("applied", 4, [])
    assert [one["kind"] for one in changes["diff"]] == ["profile.changed", "profile.created"]
    assert (
        "Counts one purchase of mug (was 2, now 3), revenue 20.00 → 30.00, on the profile with "
        "external_id ada."
    ) in changes["diff"][0]["sentences"]


def test_looking_leaves_no_trace_in_a_folder_that_nobody_uses(data: Path, words: list[str]) -> None:
    # Take immutable=1 out of open_to_look to see this fail: two files stay behind.
    before = _files(data)
    assert list(before) == ["transformer.db"]
    assert main([*words, "--against", str(data)]) == 0
    assert _files(data) == before


def test_a_store_in_use_is_looked_at_without_waiting(
    data: Path, in_use: Engine, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    # Take mode=ro out and let snapshot begin as writing does to see this fail: it waits for 15 s.
    with writing(in_use) as connection:
        connection.execute(text("UPDATE profiles SET external_id = 'not yet committed'"))
        before = _files(data)
        assert main([*words, "--against", str(data), "--json"]) == 0
        after = _files(data)
    [differs, _] = _json(capsys)["changes"]["diff"]
    assert (differs["kind"], differs["profile"]["external_id"]) == ("profile.changed", "ada")
    # Readers of a store in use note themselves in its shared memory, which is no part of it.
    assert before | {"transformer.db-shm": b""} == after | {"transformer.db-shm": b""}


def test_what_was_committed_and_not_yet_moved_into_the_file_is_seen(
    data: Path, in_use: Engine, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(in_use) as connection:
        connection.execute(text("DELETE FROM profiles"))
    assert (data / "transformer.db-wal").stat().st_size > 0
    assert main([*words, "--against", str(data), "--json"]) == 0
    assert [one["kind"] for one in _json(capsys)["changes"]["diff"]] == ["profile.created"] * 2


def test_another_workspace_has_other_profiles(
    data: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--against", str(data), "--workspace", OTHER, "--json"]) == 0
    assert [one["kind"] for one in _json(capsys)["changes"]["diff"]] == ["profile.created"] * 2


def test_the_database_of_the_settings_goes_first(
    data: Path,
    tmp_path: Path,
    words: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = f"sqlite:///{data / 'transformer.db'}"
    monkeypatch.setenv("TRANSFORMER_DATABASE_URL", url)
    assert main([*words, "--against", str(tmp_path / "elsewhere")]) == 0
    assert f"against {url}" in capsys.readouterr().out
    assert not (tmp_path / "elsewhere").exists()


def test_an_external_id_that_the_writer_blocks_is_blocked_here(
    data: Path,
    words: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRANSFORMER_BLOCKED_EXTERNAL_IDS", "ada")
    assert main([*words, "--against", str(data), "--json"]) == 1
    changes = _json(capsys)["changes"]
    assert changes["operations"] == 1
    assert [one["profile"]["external_id"] for one in changes["diff"]] == ["eve"]


def test_what_the_writer_would_refuse_ends_with_1(
    data: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(words[1]).write_text(
        "return { attributes: [{ external_id: 'ada', plan: { inc: 1 } }] };", encoding="utf-8"
    )
    assert main([*words, "--against", str(data)]) == 1
    shown = capsys.readouterr().out
    assert "would fail" in shown
    assert "Nothing would change." in shown
    assert "invalid_increment" in shown


def test_code_that_throws_is_told_as_ever(
    data: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(words[1]).write_text("throw new Error('no');", encoding="utf-8")
    assert main([*words, "--against", str(data)]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("failed")
    assert "against" not in shown


@pytest.mark.parametrize(
    ("other", "code", "status"),
    [
        ("{ braze_id: 'gone', x: 1 }", "no_such_profile", 0),
        ("{ external_id: 'ada', x: { inc: 1.5 } }", "invalid_increment", 1),
    ],
)
def test_a_part_of_the_operations_is_told_as_such_and_an_error_ends_with_1(
    other: str,
    code: str,
    *,
    status: int,
    data: Path,
    words: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path(words[1]).write_text(
        f"return {{ attributes: [{{ external_id: 'ada', x: 1 }}, {other}] }};", encoding="utf-8"
    )
    assert main([*words, "--against", str(data)]) == status
    shown = capsys.readouterr().out
    assert "would be applied, 1 of 2 operations" in shown
    assert code in shown


def _no_folder(data: Path) -> None:
    (data / "transformer.db").unlink()
    data.rmdir()


def _no_store(data: Path) -> None:
    (data / "transformer.db").unlink()


def _no_database(data: Path) -> None:
    (data / "transformer.db").write_bytes(b"not a database at all")


def _another_version(data: Path) -> None:
    engine = open_engine(f"sqlite:///{data / 'transformer.db'}")
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()


def _empty(data: Path) -> None:
    (data / "transformer.db").write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "status", "said"),
    [
        (_no_folder, 2, "There is no store in "),
        (_no_store, 2, "transformer.db cannot be read (No such file or directory)"),
        (_no_database, 2, "transformer.db is no SQLite database"),
        (_empty, 1, "The database is empty; this version works with migration"),
        (_another_version, 1, "The database is at migration 0001; this version works with"),
    ],
)
def test_what_cannot_be_looked_at_is_told(
    spoil: Callable[[Path], None],
    *,
    status: int,
    said: str,
    data: Path,
    words: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(data)
    assert main([*words, "--against", str(data)]) == status
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        (["--workspace", OTHER], 2, "no store is given"),
        (["--against", "DATA", "--workspace", "mars"], 2, "'mars' is not the id of a workspace"),
        (["--against", "DATA", "--workspace", "wsp_" + "2" * 32], 1, "has no workspace wsp_222"),
    ],
)
def test_a_workspace_that_is_not_there_is_told(
    more: list[str],
    *,
    status: int,
    said: str,
    data: Path,
    words: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*words, *(str(data) if word == "DATA" else word for word in more)]) == status
    assert said in capsys.readouterr().err
