"""What the READMEs and the comments say can be done, can be done; what they name is there."""

import json
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox import Limits, SandboxPool
from tests.support.settlements import WORKSPACE, attributes, event, make_settlement
from tests.support.system import System, running_system
from tests.support.waiting import wait_until
from transformer.cli.main import main
from transformer.delivery import Verdict
from transformer.ids import WorkspaceId
from transformer.operation import Kind
from transformer.settlement import Settlement
from transformer.store.engine import open_engine, writing
from transformer.store.migrate import migrate
from transformer.store.workspaces import ensure_default_workspace
from transformer.transformation import Destination
from transformer.worker.check import Checker
from transformer.worker.preview import Preview
from transformer.worker.transform import Transformer
from transformer.writer.apply import apply_batch

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PACKAGES = ("transformer", "sandbox")
FOLDERS = (*PACKAGES, "tests", "examples", "benchmarks")
FILES = [
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.*")
    if "node_modules" not in path.parts  # of others, beside the benchmark that is run with them
]
NOW = "2026-01-02T03:04:05.678Z"
READMES = [ROOT / "README.md", *sorted(path for path in FILES if path.name == "README.md")]

# As a comment writes it: its name, or the end of its path. What a sourceURL names is for V8, and
# capitals stand for a file of the reader's.
_FILE = re.compile(r"(?<!sourceURL=)(?<![\w/.{-])(?![A-Z]+\.)[\w/-]+\.(?:py|js|lua)\b")


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with running_system(tmp_path / "data") as running:
        yield running


def test_its_commands_take_a_webhook_to_a_profile(system: System) -> None:
    block = next(block for block in blocks("sh", section("See it")) if "curl" in block)
    keys, create, post, look = commands_for(system, block)

    told = shell(keys, create, f"{post} -w '\\n%{{http_code}}\\n'", 'echo "$URL"')
    answer, status, url = told.splitlines()
    assert status == "201"
    assert json.loads(answer)["message"] == "success"
    (made,) = system.call("GET", "/api/transformations")["transformations"]
    assert (made["name"], made["url"]) == ("Sign-ups", url)
    assert made["published_revision_id"]

    profiles = wait_until(
        "the profile is shown", lambda: json.loads(shell(keys, look))["profiles"], within_s=20
    )
    assert [profile["first_name"] for profile in profiles] == ["Ada"]


def test_its_commands_use_the_rest_api(system: System) -> None:
    (block,) = blocks("sh", section("The REST API"))
    keys, create, track, export = commands_for(system, block)
    (shown,) = blocks("json", section("The REST API"))
    *_, key = shell(keys, create, 'echo "$KEY"').splitlines()
    assert key.startswith("key_")
    # The key is shown once, so the next shells are told it.
    told = f"{keys}\nKEY={key}"
    assert json.loads(shell(told, track)) == json.loads(shown)
    users = wait_until(
        "the user is exported", lambda: json.loads(shell(told, export))["users"], within_s=20
    )
    assert users == [{"external_id": "grace", "first_name": "Grace"}]


def commands_for(system: System, block: str) -> list[str]:
    """Give the block's lines, with this system's address and key instead of those of `make up`."""
    for usual, here in (
        ("http://127.0.0.1:8000", system.instance.url),
        (".data/admin-token", str(system.instance.data_dir / "admin-token")),
    ):
        assert usual in block
        block = block.replace(usual, here)
    return block.splitlines()


def shell(*lines: str) -> str:
    # An environment of its own, so that neither a proxy nor a .curlrc has a say.
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],  # noqa: S607
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    ).stdout


def test_its_first_transformation_does_what_a_reader_expects() -> None:
    (code,) = blocks("js", README)
    order = {"type": "order.created", "created_at": NOW, "customer": {"id": "ada"}}
    with SandboxPool(limits=Limits(), max_guests=1) as pool:
        preview = Preview(Transformer(pool, Checker()))
        outcomes = [
            preview.run(
                workspace_id=WorkspaceId("readers"),
                code=code,
                destination=Destination.TRACK,
                payload=json.dumps(payload).encode(),
                headers={},
                context={"event_id": "evt_" + "0" * 32, "accepted_at": NOW},
            )
            for payload in (order, {"type": "order.updated"})
        ]
    assert [outcome.verdict for outcome in outcomes] == [Verdict.OK, Verdict.SKIPPED]
    assert [one.kind for one in outcomes[0].operations] == [Kind.ATTRIBUTES, Kind.EVENT]
    assert outcomes[0].warnings == ()


def test_what_it_says_would_change_is_what_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before_you_publish = section("Before you publish")
    (command,) = blocks("sh", before_you_publish)
    (said,) = blocks("text", before_you_publish)
    order = {"type": "order.created", "created_at": NOW, "customer": {"id": "ada"}}
    (tmp_path / "transform.js").write_text(blocks("js", README)[0])
    (tmp_path / "order.json").write_text(json.dumps(order))
    store_with(
        tmp_path / ".data",
        make_settlement(
            attributes(external_id="ada", orders=1),
            event(external_id="ada", name="order_created", time=NOW),
        ),
    )
    monkeypatch.chdir(tmp_path)
    assert main(command.split()[1:]) == 0
    shown = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert "\n".join(shown).endswith("\n" + said.strip())


def store_with(data: Path, settlement: Settlement) -> None:
    url = f"sqlite:///{data / 'transformer.db'}"
    data.mkdir()
    migrate(url)
    engine, now = open_engine(url), datetime(2026, 3, 1, tzinfo=UTC)
    with writing(engine) as connection:
        ensure_default_workspace(connection, now=now)
        apply_batch(connection, workspace_id=WORKSPACE, settlements=[settlement], now=now)
    engine.dispose()


def test_the_sandboxes_example_gives_what_it_says() -> None:
    (example,) = blocks("python", (ROOT / "sandbox" / "README.md").read_text())
    expected = example.partition("  # ")[2].partition("…")[0]
    told = subprocess.run(
        [sys.executable, "-c", f"{example}\nprint(results)"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    ).stdout
    assert expected.startswith("[Returned(")
    assert told.startswith(expected)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_its_links_lead_somewhere(readme: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", readme.read_text(), flags=re.DOTALL | re.MULTILINE)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    relative = [one.partition("#")[0] for one in targets if not re.match(r"https?:|mailto:|#", one)]
    assert [one for one in relative if not (readme.parent / one).exists()] == []


def test_every_example_has_a_readme_that_is_looked_at() -> None:
    examples = {path.parent for path in (ROOT / "examples").glob("*/transform.js")}
    assert examples
    assert examples <= {readme.parent for readme in READMES}


@pytest.mark.parametrize("readme", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_files_it_names_are_there(readme: Path) -> None:
    assert missing_files(readme.read_text()) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_files_that_comments_name_are_there(package: str) -> None:
    named = {
        f"{path.relative_to(ROOT)} names {name}"
        for path in (ROOT / package).rglob("*.*")
        if path.suffix in {".py", ".js", ".lua"}
        for name in missing_files(comments_of(path))
    }
    assert named == set()


def comments_of(path: Path) -> str:
    """Give a file's comments and docstrings; of a script the whole text, which has few strings."""
    if path.suffix != ".py":
        return path.read_text()
    with path.open("rb") as file:
        return "\n".join(
            token.string
            for token in tokenize.tokenize(file.readline)
            if token.type == tokenize.COMMENT or token.string.startswith('"""')
        )


def missing_files(text: str) -> set[str]:
    named = _FILE.findall(text.replace("\\_", "_"))
    return {name for name in named if not any(is_end(name, path) for path in FILES)}


def is_end(name: str, path: Path) -> bool:
    return path.as_posix().endswith(f"/{name}")


def command_rows() -> list[tuple[list[str], str]]:
    """Read the table of commands: the names in a row, and the whole row."""
    rows = [line for line in section("Command line").splitlines() if line.startswith("| `")]
    return [
        (
            [
                name.removeprefix("transformer ").split()[0]
                for name in re.findall(r"`([^`]+)`", row.split(" | ")[0])
            ],
            row,
        )
        for row in rows
    ]


@pytest.fixture
def help_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], str]:
    """The help as a wide terminal shows it, without colours, wherever the tests run."""
    monkeypatch.setenv("COLUMNS", "120")

    def ask(words: str) -> str:
        assert main([*words.split(), "--help"]) == 0
        return re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)

    return ask


def test_its_commands_are_those_of_the_help(help_of: Callable[[str], str]) -> None:
    helped = re.findall(r"^│ ([a-z]+) ", help_of(""), re.MULTILINE)
    assert sorted(helped) == sorted(name for names, _row in command_rows() for name in names)


@pytest.mark.parametrize(
    ("names", "row"), [pytest.param(names, row, id=names[0]) for names, row in command_rows()]
)
def test_the_options_it_names_are_taken(
    names: list[str], row: str, help_of: Callable[[str], str]
) -> None:
    for name in names:
        shown = help_of(name)
        assert [one for one in re.findall(r"--[a-z-]+", row) if f" {one} " not in shown] == []


def test_the_make_targets_it_names_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for readme in READMES:
        named = re.findall(r"(?:^|`)make ([a-z]+)", readme.read_text(), re.MULTILINE)
        assert set(named) <= targets, readme
    assert re.search(r"^make up\b", README, re.MULTILINE)
