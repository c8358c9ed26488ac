"""`transformer doctor`: real attacks on the real sandbox, and what is said of them."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from sandbox import Layer
from sandbox.attacks.attack import Attack, parse_attack
from tests.support.own_redis import own_redis
from tests.support.postgres_server import running_postgres
from tests.support.processes import running
from tests.support.waiting import wait_until
from transformer.cli import doctor
from transformer.cli.main import main
from transformer.queue.connection import open_redis
from transformer.supervisor.valkey import EmbeddedValkey

ONLY = ["--only", "residue/global"]
WARNING = {"subject", "found", "expected", "hint"}


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let nothing be set."""
    monkeypatch.setenv("TRANSFORMER_DATA_DIR", str(tmp_path / "data"))
    for name in ("TRANSFORMER_REDIS_URL", "TRANSFORMER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def got_through(monkeypatch: pytest.MonkeyPatch) -> Attack:
    """An attack that expects another end than it has."""
    content = "// Returns the wrong thing.\n// expect: returned 1\nreturn 2;\n"
    attack = parse_attack(content, Path("corpus/residue/global-but-wrong.js"))
    monkeypatch.setattr(doctor, "load_corpus", lambda: [attack])
    return attack


def test_a_machine_on_which_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", *ONLY]) == 0

    shown = capsys.readouterr().out
    assert "seccomp" in shown
    assert "residue" in shown
    assert "All is well." in shown
    assert not (tmp_path / "data").exists()


def test_the_report_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json", *ONLY]) == 0

    report = orjson.loads(capsys.readouterr().out)
    [group] = report["attacks"]
    assert report["well"] is True
    assert report["got_through"] == []
    assert {layer["layer"] for layer in report["layers"]} == set(Layer)
    assert all(layer["in_force"] for layer in report["layers"])
    assert (group["group"], group["run"], group["held"]) == ("residue", 2, 2)
    assert [service["service"] for service in report["services"]] == ["Redis", "database"]


def test_an_attack_that_got_through_is_listed(
    got_through: Attack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", *ONLY]) == 1

    shown = capsys.readouterr().out
    assert str(got_through.path) in shown
    assert "expected: returned 1" in shown
    assert "found:    returned 2" in shown
    assert "Not all is well" in shown


def doctor_without_namespaces(require: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.support.confined_main"]
    return subprocess.run(
        [*command, sys.executable, "-m", "transformer", "doctor", *ONLY],
        env={**os.environ, "TRANSFORMER_SANDBOX_REQUIRE": require},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_layer_that_is_not_in_force_is_a_warning() -> None:
    done = doctor_without_namespaces("available")
    assert done.returncode == 0, done.stderr
    assert "namespaces   NOT IN FORCE" in done.stdout
    assert "Operation not permitted" in done.stdout


def test_a_layer_that_is_required_and_not_in_force_ends_with_1() -> None:
    done = doctor_without_namespaces("all")
    assert done.returncode == 1
    assert "namespaces   NOT IN FORCE" in done.stdout


def test_services_that_answer_are_well(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRANSFORMER_REDIS_URL", redis_url)
    assert main(["migrate"]) == 0
    capsys.readouterr()
    assert main(["doctor", "--json", *ONLY]) == 0

    redis, database = orjson.loads(capsys.readouterr().out)["services"]
    assert (redis["well"], database["well"]) == (True, True)
    assert database["found"].endswith("transformer.db")


def test_services_that_do_not_answer_are_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRANSFORMER_REDIS_URL", f"unix://{tmp_path}/nobody.sock")
    monkeypatch.setenv("TRANSFORMER_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    assert main(["doctor", "--json", *ONLY]) == 1

    redis, database = orjson.loads(capsys.readouterr().out)["services"]
    assert (redis["well"], database["well"]) == (False, False)
    assert "TRANSFORMER_REDIS_URL" in redis["hint"]
    assert "transformer migrate" in database["hint"]


def test_no_such_attack_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--only", "nothing/at-all"]) == 2
    assert "No attack begins with 'nothing/at-all'." in capsys.readouterr().err


def test_a_redis_that_can_lose_webhooks_is_a_warning_and_ends_with_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with own_redis(tmp_path, options={"appendfsync": "everysec"}) as server:
        monkeypatch.setenv("TRANSFORMER_REDIS_URL", server.url)
        assert main(["doctor", "--json", *ONLY]) == 0
        report = orjson.loads(capsys.readouterr().out)
        assert main(["doctor", *ONLY]) == 0
        shown = capsys.readouterr().out

    assert report["well"] is True
    assert {warning["subject"] for warning in report["warnings"]} == {
        "Redis appendfsync",
        "Redis maxmemory",
    }
    assert all(warning.keys() == WARNING for warning in report["warnings"])
    assert "Redis appendfsync: everysec" in shown
    assert "All is well today; see the warnings above." in shown


def test_a_valkey_that_is_up_is_looked_at_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    embedded = EmbeddedValkey(tmp_path / "data", max_mb=64)
    with running(embedded.prepare()):
        wait_until("it answers", lambda: embedded.reply_to_ping().startswith("+PONG"))
        with closing(open_redis(embedded.url)) as connection:
            for number in range(45):
                connection.set(f"held:{number}", "x" * 1_000_000)
        assert main(["doctor", "--json", *ONLY]) == 0
        report = orjson.loads(capsys.readouterr().out)
    assert report["services"][0]["found"] == embedded.url
    subjects = [warning["subject"] for warning in report["warnings"]]
    assert "Redis memory" in subjects
    assert not {"Redis maxmemory", "Redis appendonly", "Redis appendfsync"} & {*subjects}

    # What was killed leaves its socket behind; nothing runs there, and nothing is wrong.
    assert main(["doctor", "--json", *ONLY]) == 0
    redis = orjson.loads(capsys.readouterr().out)["services"][0]
    assert redis["found"].startswith("none set")
    embedded.forget()


def test_a_postgresql_that_can_lose_commits_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_postgres() as url:
        monkeypatch.setenv("TRANSFORMER_DATABASE_URL", url)
        assert main(["migrate"]) == 0
        capsys.readouterr()
        assert main(["doctor", "--json", *ONLY]) == 0
    warnings = orjson.loads(capsys.readouterr().out)["warnings"]
    assert "PostgreSQL fsync" in [warning["subject"] for warning in warnings]
