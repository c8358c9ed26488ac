"""Eight machines: web, two workers, two writers (one with the scheduler), Redis, PostgreSQL, a sender.

Nothing is shared but the network. A test's own thread stands on the sender's machine, so all that
it asks goes over the switch as well.
"""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import orjson
import psycopg
import redis

from tests.support.network import Host, Network
from tests.support.postgres_server import running_postgres_on
from tests.support.processes import is_stopped
from tests.support.redis_server import running_redis_on
from tests.support.system import Made, is_ready
from tests.support.waiting import wait_until
from transformer.cli.sender import CREATED
from transformer.queue.connection import open_redis
from transformer.queue.keys import mark_of

NO_ANSWER = 0

_PASSWORD = "s3cret"
_TOKEN = "the-admin-token"
_PAUSE_S = 0.01
_PORT = 8000
_SERVICES = ("redis", "postgres")


@dataclass(slots=True)
class Machine:
    """A host with the process of ours that runs on it."""

    host: Host
    process: subprocess.Popen[bytes]
    log: Path

    def logged(self, event: str) -> int:
        """Count the log's lines of one event."""
        return self.log.read_text("utf-8").count(f'"event":"{event}"')


@dataclass(slots=True)
class Cluster:
    """The machines, and what a user and an operator ask of them."""

    hosts: dict[str, Host]
    machines: dict[str, Machine]
    client: httpx.Client
    redis: redis.Redis
    store: "psycopg.Connection[tuple[Any, ...]]"

    def make(self, name: str, code: str) -> Made:
        made = self.client.post(
            "/api/transformations",
            json={"name": name, "destination": "track", "publish": True, "code": code},
        )
        assert made.is_success, made.text
        body = made.json()
        return Made(body["id"], body["url"])

    @contextmanager
    def sending(self, made: Made, *, patience_s: float = 30.0) -> Iterator["Sending"]:
        """Send one webhook after another, as one platform would, until the block ends."""
        sending = Sending(made.url, patience_s=patience_s)
        thread = threading.Thread(target=sending.run)
        thread.start()
        try:
            yield sending
        finally:
            sending.enough.set()
            thread.join()

    def count(self, made: Made) -> int:
        return self.logged_events(made).total()

    def logged_events(self, made: Made) -> Counter[str]:
        """Count the deliveries of each event of a transformation."""
        statement = "select event_id from deliveries where transformation_id = %s"
        return Counter(event for (event,) in self.store.execute(statement, (made.id,)))

    def attributes(self, external_id: str) -> dict[str, Any]:
        """Give a profile's attributes, as the store has them."""
        statement = "select document from profiles where external_id = %s"
        row = self.store.execute(statement, (external_id,)).fetchone()
        return {} if row is None else dict(row[0]["custom_attributes"])

    def works_on(self, name: str, stream: str) -> bool:
        """Say whether the machine has taken a batch of a stream and not settled it."""
        job, first = self.redis.hmget(mark_of(stream), "job", "first")
        return first is not None and job in self._jobs_of(name)

    def has_begun_to_write(self, name: str) -> bool:
        """Say whether the machine's session in PostgreSQL stands in a transaction with a change."""
        found = self.store.execute(
            "select 1 from pg_stat_activity where client_addr = %s::inet"
            " and state = 'idle in transaction' and backend_xid is not null",
            (self.machines[name].host.address,),
        )
        return found.fetchone() is not None

    def stop_inside(self, inside: Callable[[str], bool], *names: str) -> Machine:
        """Let one of these machines stand still at a moment at which it is inside something."""

        def caught() -> Machine | None:
            for name in names:
                machine = self.machines[name]
                machine.process.send_signal(signal.SIGSTOP)
                # Until then it may still send what takes it out again.
                wait_until("it stands still", partial(is_stopped, machine.process.pid))
                if inside(name):
                    return machine
                machine.process.send_signal(signal.SIGCONT)
            return None

        machine = wait_until("one is stopped in the middle", caught, within_s=30)
        assert machine is not None
        return machine

    def _jobs_of(self, name: str) -> set[bytes]:
        pid = str(self.machines[name].process.pid).encode()
        executions: set[bytes] = set()
        for worker in self.redis.smembers("rq:workers"):
            assert isinstance(worker, bytes)
            if self.redis.hget(worker, "pid") == pid:
                members = self.redis.smembers(worker + b":executions")
                executions |= {member for member in members if isinstance(member, bytes)}
        return {execution.partition(b":")[0] for execution in executions}


class Sending:
    """A platform that sends webhooks numbered from 0, each when the one before was answered."""

    def __init__(self, url: str, *, patience_s: float) -> None:
        self.enough = threading.Event()
        self.statuses: Counter[int] = Counter()
        self.events: dict[int, str] = {}
        self.retry_after: set[str | None] = set()
        self._url = url
        self._patience_s = patience_s

    def run(self) -> None:
        with httpx.Client(timeout=self._patience_s) as client:
            for number in count():
                if self.enough.wait(_PAUSE_S):
                    return
                try:
                    answer = client.post(self._url, content=orjson.dumps({"number": number}))
                except httpx.HTTPError:
                    self.statuses[NO_ANSWER] += 1
                    continue
                self.statuses[answer.status_code] += 1
                if answer.status_code == CREATED:
                    self.events[number] = answer.json()["event_id"]
                else:
                    self.retry_after.add(answer.headers.get("retry-after"))

    def wait_for(self, status: int, *, more: int = 1) -> None:
        """Wait until so many more webhooks were answered so."""
        wanted = self.statuses[status] + more
        wait_until(
            f"{more} more get {status}", lambda: self.statuses[status] >= wanted, within_s=40
        )


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Start it, each process on its own machine, and end it with the block."""
    with ExitStack() as stack:
        network = stack.enter_context(Network())
        roles = {
            "web": "web",
            "worker-1": "worker",
            "worker-2": "worker",
            "writer-1": "writer",
            "writer-2": "writer",
            "scheduler": "scheduler",
        }
        hosts = {name: network.host(name) for name in (*roles, *_SERVICES, "sender")}
        with hosts["redis"].entered():
            redis_url = stack.enter_context(
                running_redis_on(hosts["redis"].address, port=6379, password=_PASSWORD)
            )
        with hosts["postgres"].entered():
            store_url = stack.enter_context(
                running_postgres_on(hosts["postgres"].address, password=_PASSWORD)
            )
        environment = {
            **os.environ,
            "TRANSFORMER_REDIS_URL": redis_url,
            "TRANSFORMER_DATABASE_URL": store_url,
            "TRANSFORMER_ADMIN_TOKEN": _TOKEN,
            "TRANSFORMER_PORT": str(_PORT),
        }
        with hosts["writer-1"].entered():
            subprocess.run(_command("migrate"), env=environment, check=True)
        machines = {}
        for name, role in roles.items():
            log = folder / f"{name}.log"
            with hosts[name].entered(), log.open("wb") as output:
                process = subprocess.Popen(
                    _command(role),
                    env={
                        **environment,
                        "TRANSFORMER_HOST": hosts[name].address,
                        "TRANSFORMER_DATA_DIR": str(folder / name),
                    },
                    stdout=output,
                    stderr=output,
                )
            stack.callback(_end, process)
            machines[name] = Machine(hosts[name], process, log)
        stack.enter_context(hosts["sender"].entered())
        base_url = f"http://{hosts['web'].address}:{_PORT}"
        client = stack.enter_context(
            httpx.Client(
                base_url=base_url, headers={"authorization": f"Bearer {_TOKEN}"}, timeout=30
            )
        )
        connection = open_redis(redis_url)
        stack.callback(connection.close)
        plain_url = store_url.replace("postgresql+psycopg", "postgresql")
        store = stack.enter_context(psycopg.connect(plain_url, autocommit=True))
        wait_until("web is ready", lambda: is_ready(base_url), within_s=60)
        wait_until(
            "all drain",
            lambda: connection.scard("rq:workers") == 4,
            within_s=60,
        )
        yield Cluster(hosts, machines, client, connection, store)


def _command(role: str) -> list[str]:
    return [sys.executable, "-m", "transformer", role]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
