"""``kill -9`` of the supervisor: nothing it started outlives it, and the next start just works."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import is_alive, running, stand_in_command
from tests.support.waiting import wait_until
from transformer.settings import load_settings
from transformer.supervisor import Instance
from transformer.supervisor.valkey import EmbeddedValkey, environment


def kill_a_supervisor(data_dir: Path) -> list[int]:
    """Start a supervisor, kill it, and return the processes that it had started."""
    command = [sys.executable, "-m", "tests.support.instance_main", str(data_dir)]
    with running(command) as supervisor:
        assert supervisor.stdout is not None
        started = json.loads(supervisor.stdout.readline())
        supervisor.kill()
        supervisor.wait()
    return [pid for group in started["pids"].values() for pid in group]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Valkey is stopped at the next start")
def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    pids = kill_a_supervisor(tmp_path / "data")

    assert len(pids) == 5
    wait_until("all children are dead", lambda: not any(is_alive(pid) for pid in pids))


def test_the_lock_of_a_killed_run_is_free_by_itself(tmp_path: Path) -> None:
    kill_a_supervisor(tmp_path / "data")

    settings = load_settings(data_dir=tmp_path / "data", port=0)
    with Instance(settings, command=stand_in_command) as instance:
        assert instance.pids["web"]


def test_a_valkey_that_was_left_over_is_stopped_before_a_new_one_starts(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "data")
    tied = server.prepare()
    program = tied[tied.index(str(os.getpid())) + 1 :]
    with subprocess.Popen(program, env=environment()) as leftover:
        server.remember(leftover.pid)
        wait_until("it answers", lambda: server.reply_to_ping().startswith("+PONG"))

        settings = load_settings(data_dir=tmp_path / "data", port=0)
        with Instance(settings, command=stand_in_command) as instance:
            assert leftover.wait(timeout=5) == 0
            assert instance.pids["valkey"] != [leftover.pid]


def test_a_pid_that_now_belongs_to_somebody_else_is_left_alone(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "data")
    server.prepare()
    with running([sys.executable, "-c", "import signal; signal.pause()"]) as stranger:
        server.remember(stranger.pid)

        assert server.stop_leftover() is None
        assert stranger.poll() is None


def test_sigterm_ends_everything_with_status_0(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.instance_main", str(tmp_path / "data")]
    with running(command) as supervisor:
        assert supervisor.stdout is not None
        started = json.loads(supervisor.stdout.readline())
        supervisor.send_signal(signal.SIGTERM)

        assert supervisor.wait(timeout=15) == 0

    pids = [pid for group in started["pids"].values() for pid in group]
    assert not any(is_alive(pid) for pid in pids)
