"""A machine that lacks a layer of the sandbox: code runs with a loud warning, or not at all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx

from tests.support.processes import running
from tests.support.waiting import wait_until

_CONFINED = [sys.executable, "-m", "tests.support.confined_main"]
_TRANSFORMER = [sys.executable, "-m", "transformer"]


def run_command(
    tmp_path: Path, *, confined: bool, require: str
) -> subprocess.CompletedProcess[str]:
    (tmp_path / "code.js").write_text("return { attributes: [] };", encoding="utf-8")
    (tmp_path / "p.json").write_text("{}", encoding="utf-8")
    command = [
        *_TRANSFORMER,
        "run",
        str(tmp_path / "code.js"),
        "--payload",
        str(tmp_path / "p.json"),
    ]
    return subprocess.run(
        [*_CONFINED, *command] if confined else command,
        env={**os.environ, "TRANSFORMER_SANDBOX_REQUIRE": require},
        capture_output=True,
        text=True,
        check=False,
    )


def test_code_runs_where_every_layer_is_in_force(tmp_path: Path) -> None:
    done = run_command(tmp_path, confined=False, require="all")
    assert done.returncode == 0, done.stderr


def test_code_runs_where_a_layer_is_missing_that_is_not_required(tmp_path: Path) -> None:
    done = run_command(tmp_path, confined=True, require="available")
    assert done.returncode == 0, done.stderr


def test_no_code_runs_where_a_layer_is_missing_that_is_required(tmp_path: Path) -> None:
    done = run_command(tmp_path, confined=True, require="all")
    assert done.returncode == 1
    assert "namespaces (unshare: Operation not permitted)" in " ".join(done.stderr.split())


def test_a_missing_layer_is_told_at_start_and_by_readyz(tmp_path: Path) -> None:
    command = [*_CONFINED, *_TRANSFORMER, "up", "--port", "0", "--data", str(tmp_path / "data")]
    with running(command, environment={"TRANSFORMER_SANDBOX_REQUIRE": "available"}) as process:
        assert process.stdout is not None
        line = wait_until("it is ready", lambda: _ready_line(process), within_s=60)
        states = httpx.get(f"{line.split()[1]}/readyz").json()["sandbox"]
        process.terminate()
        _, complained = process.communicate(timeout=30)
    missing = [state["layer"] for state in states if not state["in_force"]]
    assert missing == ["namespaces"]
    told = [json.loads(row) for row in complained.splitlines() if "sandbox.layer_missing" in row]
    assert {row["process"] for row in told} == {"web", "worker"}
    assert {(row["level"], row["layer"]) for row in told} == {("warning", "namespaces")}


def test_up_says_why_it_does_not_start_where_a_required_layer_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        [*_CONFINED, *_TRANSFORMER, "up", "--port", "0", "--data", str(tmp_path / "data")],
        env={**os.environ, "TRANSFORMER_SANDBOX_REQUIRE": "all"},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode != 0
    assert "TRANSFORMER_SANDBOX_REQUIRE is all" in done.stderr


def _ready_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    return line if line.startswith("ready ") else ""
