"""What `transformer up` keeps alive, and what it leaves behind: nothing.

Valkey is the real one; our own processes are stand-ins here (tests/support/stand_in.py), so that
each test takes a blink. The real ones are started in tests/acceptance.
"""

import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.processes import is_alive, stand_in_command
from tests.support.waiting import wait_until
from transformer.errors import Unavailable, UsageError
from transformer.settings import load_settings
from transformer.supervisor import Instance


def make_instance(data_dir: Path, *, port: int = 0, workers: int = 1) -> Instance:
    settings = load_settings(data_dir=data_dir, port=port, workers=workers)
    return Instance(settings, command=stand_in_command, log_path=data_dir.parent / "log")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with make_instance(tmp_path / "data") as started:
        yield started


@pytest.fixture
def busy_port() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener.getsockname()[1]


def ask_valkey(instance: Instance, command: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(unquote(urlsplit(instance.redis_url).path))
        connection.sendall(command.encode() + b"\r\n")
        return connection.recv(4096).decode()


def test_every_role_runs_once_and_workers_as_often_as_wanted(tmp_path: Path) -> None:
    with make_instance(tmp_path / "data", workers=2) as instance:
        counts = {role: len(pids) for role, pids in instance.pids.items()}

    assert counts == {"valkey": 1, "web": 1, "worker": 2, "writer": 1, "scheduler": 1}


def test_stopping_leaves_no_process_and_no_socket(tmp_path: Path) -> None:
    with make_instance(tmp_path / "data") as instance:
        pids = [pid for group in instance.pids.values() for pid in group]

    assert not any(is_alive(pid) for pid in pids)
    assert not list((tmp_path / "data").rglob("*.sock"))


def test_valkey_has_every_write_on_disk_before_it_answers(instance: Instance) -> None:
    assert "always" in ask_valkey(instance, "CONFIG GET appendfsync")
    assert "yes" in ask_valkey(instance, "CONFIG GET appendonly")
    assert "noeviction" in ask_valkey(instance, "CONFIG GET maxmemory-policy")
    bound = int(ask_valkey(instance, "CONFIG GET maxmemory").split()[-1])
    assert bound >= 256 * 1_048_576


def test_what_valkey_held_is_there_after_its_process_was_killed(instance: Instance) -> None:
    ask_valkey(instance, "SET promise kept")
    [pid] = instance.pids["valkey"]

    os.kill(pid, signal.SIGKILL)

    wait_until("a new Valkey runs", lambda: instance.pids.get("valkey", [pid]) != [pid])
    wait_until("it has read its file", lambda: "kept" in _ask_or_nothing(instance, "GET promise"))


def _ask_or_nothing(instance: Instance, command: str) -> str:
    try:
        return ask_valkey(instance, command)
    except OSError:
        return ""


def test_a_killed_child_is_started_again(instance: Instance) -> None:
    [pid] = instance.pids["worker"]

    os.kill(pid, signal.SIGKILL)

    [restarted] = wait_until(
        "a new worker runs",
        lambda: [new for new in instance.pids.get("worker", []) if new != pid],
    )
    assert is_alive(restarted)


def test_a_data_folder_with_a_long_and_odd_name_works(tmp_path: Path) -> None:
    data_dir = tmp_path / 'a "quoted" folder' / ("long" * 30)

    with make_instance(data_dir) as instance:
        assert ask_valkey(instance, "PING") == "+PONG\r\n"
        folder = Path(unquote(urlsplit(instance.redis_url).path)).parent

    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_others_are_told_where_the_socket_of_a_long_path_really_is(tmp_path: Path) -> None:
    with make_instance(tmp_path / ("long" * 30)) as instance:
        (web,) = instance.pids["web"]
        told = Path(f"/proc/{web}/environ").read_bytes().split(b"\0")
    assert f"TRANSFORMER_REDIS_URL={instance.redis_url}".encode() in told


def test_two_instances_run_side_by_side(tmp_path: Path) -> None:
    with make_instance(tmp_path / "one") as one, make_instance(tmp_path / "two") as two:
        ask_valkey(one, "SET mine yes")

        assert ask_valkey(two, "GET mine") == "$-1\r\n"
        assert one.url != two.url
        assert one.admin_token != two.admin_token


def test_a_second_instance_on_the_same_folder_is_told_who_has_it(instance: Instance) -> None:
    with pytest.raises(UsageError, match=rf"pid {os.getpid()}") as caught:
        make_instance(instance.data_dir).start()

    assert "--data" in caught.value.hint
    assert ask_valkey(instance, "PING") == "+PONG\r\n"


def test_a_given_port_that_is_busy_is_an_error_that_says_what_to_do(
    tmp_path: Path, busy_port: int
) -> None:
    with pytest.raises(UsageError, match=f"Port {busy_port} on 127.0.0.1 is in use") as caught:
        make_instance(tmp_path / "data", port=busy_port).start()

    assert "--port" in caught.value.hint


def test_the_usual_port_gives_way_to_the_next_free_one(tmp_path: Path) -> None:
    happenings: list[tuple[str, dict[str, object]]] = []
    settings = load_settings(data_dir=tmp_path / "data")
    usual = settings.port

    def report(happening: str, /, **fields: object) -> None:
        happenings.append((happening, fields))

    with ExitStack() as stack:
        with suppress(OSError):  # somebody else's listener there will do as well
            stack.enter_context(closing(socket.create_server(("127.0.0.1", usual))))
        instance = Instance(settings, command=stand_in_command, report=report)
        stack.enter_context(instance)
        port = urlsplit(instance.url).port

    assert port is not None
    assert usual < port < usual + 100
    assert ("port.taken", {"port": usual, "instead": port}) in happenings


def test_the_admin_token_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    with make_instance(tmp_path / "data") as first:
        assert first.is_first_start
    with make_instance(tmp_path / "data") as second:
        assert not second.is_first_start

    assert first.admin_token == second.admin_token
    mode = stat.S_IMODE((tmp_path / "data" / "admin-token").stat().st_mode)
    assert mode == stat.S_IRUSR | stat.S_IWUSR


def test_a_process_that_cannot_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "web.fails").touch()

    with pytest.raises(Unavailable, match="The web process does not start") as caught:
        make_instance(tmp_path / "data").start()

    assert "web was told to fail" in caught.value.hint


def test_stopping_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    instances: list[Instance] = []

    def report(happening: str, /, **fields: object) -> None:
        if (happening, fields.get("role")) == ("child.started", "valkey"):
            instances[0].request_stop()

    settings = load_settings(data_dir=tmp_path / "data", port=0)
    instances.append(Instance(settings, command=stand_in_command, report=report))
    instances[0].start()
    instances[0].wait()

    assert not instances[0].is_ready
    assert instances[0].pids == {}
    assert not list((tmp_path / "data").rglob("*.sock"))


def test_asking_twice_to_stop_does_not_wait_for_a_child_that_hangs(instance: Instance) -> None:
    [pid] = instance.pids["worker"]
    os.kill(pid, signal.SIGSTOP)

    instance.request_stop()
    instance.request_stop()
    instance.wait()

    assert not is_alive(pid)


def test_a_database_that_cannot_be_migrated_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "migrate.fails").touch()

    with pytest.raises(Unavailable, match=r"could not be prepared \(status 3\)"):
        make_instance(tmp_path / "data").start()


def test_a_valkey_that_cannot_start_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "valkey" / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_text("not a manifest\n", encoding="ascii")

    with pytest.raises(Unavailable, match="Valkey does not start") as caught:
        make_instance(tmp_path / "data").start()

    assert "manifest" in caught.value.hint


def test_a_redis_of_ones_own_is_used_instead_of_the_embedded_one(
    tmp_path: Path, instance: Instance
) -> None:
    settings = load_settings(data_dir=tmp_path / "other", port=0, redis_url=instance.redis_url)

    with Instance(settings, command=stand_in_command) as other:
        assert "valkey" not in other.pids
        assert other.redis_url == instance.redis_url
