"""`transformer doctor`: real attacks on the real sandbox, and what is said of them."""

from pathlib import Path

import orjson
import pytest

from sandbox import SandboxPool
from sandbox.attacks.attack import Attack, parse_attack
from sandbox.layers import Layer, LayerState
from transformer.cli import doctor
from transformer.cli.main import main

ONLY = ["--only", "residue/global"]
ALL_IN_FORCE = tuple(LayerState(layer, in_force=True, detail="as it should") for layer in Layer)
ONE_MISSING = (*ALL_IN_FORCE[:-2], LayerState(Layer.SECCOMP, in_force=False, detail="no such call"))


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let all layers be in force, whatever this machine has, and nothing be set."""
    monkeypatch.setattr(SandboxPool, "layers", lambda _: ALL_IN_FORCE)
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
    assert report["layers"][0] == {"layer": "realm", "in_force": True, "detail": "as it should"}
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


def test_a_layer_that_is_not_in_force_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(SandboxPool, "layers", lambda _: ONE_MISSING)
    assert main(["doctor", *ONLY]) == 0

    shown = capsys.readouterr().out
    assert "NOT IN FORCE" in shown
    assert "any call to the kernel" in " ".join(shown.split())


def test_a_layer_that_is_required_and_not_in_force_ends_with_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SandboxPool, "layers", lambda _: ONE_MISSING)
    only = "residue/global"
    assert doctor.run_doctor(only=only, as_json=True, require="available") == 0
    assert doctor.run_doctor(only=only, as_json=True, require="all") == 1


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
