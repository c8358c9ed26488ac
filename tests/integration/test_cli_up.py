"""`transformer up` as its user has it: the real command with its real processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.processes import is_alive, running, stand_in_command
from tests.support.waiting import wait_until
from transformer.settings import load_settings
from transformer.supervisor import Instance

UP = [sys.executable, "-m", "transformer", "up", "--port", "0", "--data"]


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("TRANSFORMER_"):
            monkeypatch.delenv(name)


def read_welcome(process: subprocess.Popen[str]) -> str:
    """Give the URL of the line ``ready URL``."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("ready "):
        process.terminate()
        raise AssertionError(f"{line!r}\n{process.communicate()[1]}")
    return line.removeprefix("ready ").strip()


def descendants(pid: int) -> list[int]:
    """List the processes below a process (Linux)."""
    children = [
        int(word)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for word in (task / "children").read_text(encoding="ascii").split()
    ]
    return [found for child in children for found in [child, *descendants(child)]]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_up_serves_drains_on_ctrl_c_and_dies_as_a_whole(tmp_path: Path) -> None:
    command = [*UP, str(tmp_path / "data")]

    with running(command) as process:
        url = read_welcome(process)
        assert process.stdout is not None
        where_the_key_is = process.stdout.readline()
        assert httpx.get(f"{url}/readyz").status_code == 200
        first = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        written = process.stdout.read()
        assert process.stderr is not None
        notes = process.stderr.read()
        assert process.wait(timeout=30) == 0

    token = (tmp_path / "data" / "admin-token").read_text(encoding="ascii").strip()
    # It is told from here where that is shorter.
    shown = where_the_key_is.removeprefix("Your API key is in ").removesuffix(".\n")
    assert Path(shown).resolve() == (tmp_path / "data" / "admin-token").resolve()
    assert token not in written
    assert "transformer send URL" in written
    assert "TRANSFORMER_DATA_DIR" in notes
    assert token not in notes
    assert len(first) >= 5
    assert not any(is_alive(pid) for pid in first)

    with running(command) as process:
        read_welcome(process)
        second = descendants(process.pid)
        process.kill()
        assert process.stdout is not None
        rest = process.stdout.read()

    assert rest == ""  # the link is for the first start alone
    wait_until("nothing of it is left", lambda: not any(is_alive(pid) for pid in second))


def test_a_data_folder_in_use_ends_with_2_and_says_who_has_it(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data", port=0)
    with Instance(settings, command=stand_in_command):
        refused = subprocess.run(
            [*UP, str(tmp_path / "data")], capture_output=True, text=True, check=False
        )

    assert refused.returncode == 2
    assert f"Another transformer (pid {os.getpid()}) runs on the data folder" in refused.stderr
    assert "--data" in refused.stderr
    assert "Traceback" not in refused.stderr
