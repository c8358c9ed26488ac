"""I1, I2, I4, I5, I6 at each named point: a process stops there, something is killed, the promise holds.

Killed is the process that stopped, or Valkey under its hands, after which it goes on with whatever
it believed, or both. One system bears it all, case after case, as a machine does over the years; each case
has a transformation of its own. A case is told by its name: `worker.before-settle, valkey killed`.

Each mechanism was removed once, to see which of these fail; `tests/README.md` has the list.
"""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from redis.exceptions import RedisError

from tests.support.processes import is_alive
from tests.support.system import Made, System, is_ready, running_system
from tests.support.waiting import wait_until
from transformer.queue.connection import open_redis, read_drains
from transformer.queue.keys import mark_of

COUNTING = """
return { attributes: [{ external_id: payload.counter, hits: { inc: 1 }, _update_existing_only: false }] };
"""
CREW = {"valkey": 1, "web": 1, "worker": 2, "writer": 1, "scheduler": 1}

# An answer takes a few milliseconds: so long without one says that there will be none.
WITHOUT_AN_ANSWER_S = 1.0

# In the order in which a webhook comes by. `itself` is the process that has stopped.
POINTS = [
    "web.before-append",
    "web.after-append",
    "web.before-enqueue",
    "worker.before-claim",
    "worker.before-take",
    "worker.mid-transform",
    "worker.before-settle",
    "worker.after-settle",
    "worker.before-finish",
    "writer.before-claim",
    "writer.mid-transaction",
    "writer.before-commit",
    "writer.after-commit",
    "writer.before-trim",
    "writer.after-trim",
    "writer.before-finish",
]
CASES = [
    *((point, killed) for point in POINTS for killed in ("itself", "valkey")),
    # Where something has just been done that nobody else knows of.
    *(
        (point, "both")
        for point in ("web.after-append", "worker.after-settle", "writer.after-commit")
    ),
]

# Only here a webhook is held, and its sender cannot know.
HELD_UNTOLD = {("web.after-append", "itself"), ("web.after-append", "both")}


@dataclass(frozen=True, slots=True)
class Stage:
    """The one system of this file, and the folder in which its processes find where to stop."""

    system: System
    folder: Path
    senders: ThreadPoolExecutor

    def make(self, name: str) -> "Case":
        wait_until("everyone is there", self.is_complete, within_s=30)
        return Case(self, self.system.make(name, COUNTING), name)

    def is_complete(self) -> bool:
        pids = self.system.instance.pids
        alive = {role: sum(map(is_alive, group)) for role, group in pids.items()}
        return alive == CREW and is_ready(self.system.instance.url)

    def arm(self, point: str) -> None:
        (self.folder / point).touch()

    def disarm(self, point: str) -> None:
        (self.folder / point).unlink(missing_ok=True)

    def reached(self, point: str) -> int:
        """Wait until a process stands at the point; gives its id."""

        def found() -> list[str]:
            return [path.suffix[1:] for path in self.folder.glob(f"{point}.*")]

        (pid,) = wait_until(f"{point} is reached", found, within_s=30)
        return int(pid)

    def go_on(self, point: str) -> None:
        for path in self.folder.glob(f"{point}.*"):
            path.unlink()

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        wait_until("it is gone", lambda: not is_alive(pid))

    def kill_valkey(self) -> None:
        """Kill Valkey; comes back when another one serves, whoever is left to ask it."""
        (pid,) = self.system.instance.pids["valkey"]
        self.kill(pid)
        connection = open_redis(self.system.instance.redis_url)
        wait_until("Valkey serves", lambda: _answers(connection.ping), within_s=30)
        connection.close()


@dataclass(frozen=True, slots=True)
class Case:
    """One transformation that counts its webhooks."""

    stage: Stage
    made: Made
    name: str

    def post(self) -> bool:
        """Send one webhook; says whether it was acknowledged."""
        try:
            answer = httpx.post(self.made.url, json={"counter": self.name}, timeout=60)
        except httpx.HTTPError:
            return False
        return answer.status_code == 201

    def post_aside(self) -> "Future[bool]":
        return self.stage.senders.submit(self.post)

    def post_until_acknowledged(self) -> None:
        wait_until("a webhook is acknowledged", self.post, within_s=30)

    def assert_counted(self, count: int, *, in_log: int | None = None) -> None:
        """Wait until nothing is under way; then the log and the counter must be exact."""
        system = self.stage.system
        connection = open_redis(system.instance.redis_url)
        # A stream that holds an entry has a mark (I1), so this is the end of it.
        wait_until(
            "nothing waits in a stream",
            lambda: _answers(lambda: not read_drains(connection)),
            within_s=60,
        )
        connection.close()
        assert system.count(self.made) == (count if in_log is None else in_log)
        assert system.profile(self.name)["custom_attributes"]["hits"] == count


def _answers(question: Callable[[], object]) -> bool:
    try:
        return bool(question())
    except RedisError:
        return False


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("points")
    stops = folder / "stops"
    stops.mkdir()
    with (
        ThreadPoolExecutor(2) as senders,
        running_system(folder / "data", workers=CREW["worker"], stop_at=str(stops)) as system,
    ):
        yield Stage(system, stops, senders)


@pytest.mark.parametrize(
    ("point", "killed"), CASES, ids=[f"{point}, {killed} killed" for point, killed in CASES]
)
def test_i4_what_was_acknowledged_counts_once_whatever_is_killed_at_this_point(
    stage: Stage, point: str, killed: str
) -> None:
    case = stage.make(f"{point}, {killed}")
    stage.arm(point)
    first = case.post_aside()
    stopped = stage.reached(point)
    if killed != "itself":
        stage.kill_valkey()
    if killed != "valkey":
        stage.kill(stopped)
    stage.go_on(point)
    acknowledged = first.result()
    case.post_until_acknowledged()
    case.assert_counted(1 + (acknowledged or (point, killed) in HELD_UNTOLD))
    # Losing Redis under its hands ends no process.
    assert is_alive(stopped) == (killed == "valkey")


def test_i4_nothing_is_acknowledged_before_redis_holds_it(stage: Stage) -> None:
    # Answer before the append to see this fail: Redis dies with what it was to hold.
    case = stage.make("web waits for Redis")
    point = "web.before-append"
    stage.arm(point)
    first = case.post_aside()
    stage.reached(point)
    (valkey,) = stage.system.instance.pids["valkey"]
    os.kill(valkey, signal.SIGSTOP)
    stage.go_on(point)
    answered, _ = wait([first], timeout=WITHOUT_AN_ANSWER_S)
    stage.kill(valkey)
    assert not answered
    acknowledged = first.result()
    case.post_until_acknowledged()
    case.assert_counted(1 + acknowledged)


@pytest.mark.parametrize("killed", ["itself", "valkey"])
def test_i1_a_drain_that_rescue_named_and_did_not_enqueue_is_found_again(
    stage: Stage, killed: str
) -> None:
    # Let Rescuer.overdue pass over queued marks to see this fail: nobody ever enqueues that job.
    case = stage.make(f"rescued twice, {killed}")
    stage.arm("worker.mid-transform")
    stage.arm("scheduler.after-rescue")
    assert case.post()
    stage.kill(stage.reached("worker.mid-transform"))
    stage.go_on("worker.mid-transform")
    rescuer = stage.reached("scheduler.after-rescue")
    if killed == "valkey":
        stage.kill_valkey()
    else:
        stage.kill(rescuer)
    stage.go_on("scheduler.after-rescue")
    case.assert_counted(1)


@pytest.mark.parametrize("point", ["worker.mid-transform", "writer.mid-transaction"])
def test_i1_a_process_that_takes_long_over_a_batch_says_that_it_lives(
    stage: Stage, point: str
) -> None:
    # Remove `drain.lease.start` from the two processes to see this fail.
    case = stage.make(f"{point} for long")
    stage.arm(point)
    assert case.post()
    stage.reached(point)
    connection = open_redis(stage.system.instance.redis_url)
    (stream,) = read_drains(connection)
    deadlines = {connection.hget(mark_of(stream), "deadline")}

    def renewed() -> bool:
        deadlines.add(connection.hget(mark_of(stream), "deadline"))
        return len(deadlines) > 2

    owner = connection.hget(mark_of(stream), "job")
    wait_until("the lease is renewed twice", renewed, within_s=20)
    assert connection.hget(mark_of(stream), "job") == owner
    connection.close()
    stage.go_on(point)
    case.assert_counted(1)


@pytest.mark.parametrize("role", ["worker", "writer"])
def test_i1_a_backlog_that_was_handed_over_and_not_enqueued_is_rescued(
    stage: Stage, role: str
) -> None:
    # Let finish.lua delete the mark of a stream that is not empty to see this fail.
    case = stage.make(f"handed over by a {role}")
    before, after = f"{role}.before-finish", f"{role}.after-finish"
    stage.arm(before)
    assert case.post()
    stopped = stage.reached(before)
    # It comes when the drain has looked for the last time.
    stage.arm(after)
    assert case.post()
    if role == "writer":
        connection = open_redis(stage.system.instance.redis_url)
        wait_until(
            "the second one waits for the writer",
            lambda: (
                [s for s in read_drains(connection) if s.startswith("outcomes:")]
                and not [s for s in read_drains(connection) if s.startswith("events:")]
            ),
        )
        connection.close()
    stage.go_on(before)
    assert stage.reached(after) == stopped
    stage.kill(stopped)
    stage.go_on(after)
    case.assert_counted(2)


def test_i2_a_worker_that_stood_still_cannot_settle_what_another_one_has(stage: Stage) -> None:
    # Remove the 'fenced' and the 'gone' check of settle.lua to see this fail: it counts twice.
    case = stage.make("stood still")
    point = "worker.before-settle"
    stage.arm(point)
    assert case.post()
    stopped = stage.reached(point)
    os.kill(stopped, signal.SIGSTOP)
    try:
        wait_until("another has done it", lambda: stage.system.count(case.made) == 1, within_s=30)
        # While it wakes, its stream is somebody else's: a second webhook lies before it.
        stage.arm("worker.mid-transform")
        assert case.post()
        other = stage.reached("worker.mid-transform")
        assert other != stopped
    finally:
        os.kill(stopped, signal.SIGCONT)
        stage.go_on(point)
    wait_until("it goes on to other work", lambda: _is_fenced(stage), within_s=30)
    stage.go_on("worker.mid-transform")
    case.assert_counted(2)


def _is_fenced(stage: Stage) -> bool:
    log = stage.system.instance.data_dir.with_suffix(".log")
    return "drain.fenced" in log.read_text(encoding="utf-8")


def test_i8_an_event_whose_worker_is_killed_each_time_is_a_dead_letter(stage: Stage) -> None:
    # Let take.lua count each try as the first to see this fail: it is tried for ever.
    case = stage.make("poison")
    point = "worker.mid-transform"
    stage.arm(point)
    poison = stage.system.post(case.made.url, {"counter": case.name})
    stopped = stage.reached(point)
    assert case.post(), "its neighbour, in the same batch from now on"
    for _ in range(3):
        stage.kill(stopped)
        stage.go_on(point)
        stage.arm(point)
        stopped = stage.reached(point)
    stage.kill(stopped)
    stage.go_on(point)
    delivery = stage.system.delivery_of(poison, within_s=30)
    assert delivery["outcome"] == "failed"
    assert delivery["errors"][0]["code"] == "died"
    case.assert_counted(1, in_log=2)
