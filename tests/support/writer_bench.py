"""One writer on a Redis and a store of its own, to be tried without the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.own_redis import OwnRedis, own_redis
from tests.support.settlements import WORKSPACE, attributes, make_settlement
from transformer.clock import SystemClock, to_text
from transformer.queue.appends import Append
from transformer.queue.connection import open_redis
from transformer.queue.jobs import Jobs
from transformer.queue.keys import mark_of, outcomes_stream
from transformer.queue.rescue import Rescuer
from transformer.queue.streams import Streams
from transformer.settlement import Settlement, to_fields
from transformer.stops import Stops
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import Engine, open_engine, reading
from transformer.store.migrate import migrate
from transformer.store.profiles import find_profiles
from transformer.writer.drain import OutcomesDrain

STREAM = outcomes_stream(WORKSPACE)


def counting(**given: object) -> Settlement:
    """Make a settlement that counts its event on one profile."""
    one_more = attributes(external_id="counter", hits={"inc": 1}, _update_existing_only=False)
    now = to_text(SystemClock().now())
    return make_settlement(one_more, **({"accepted_at": now} | given))  # type: ignore[arg-type]


@dataclass
class Bench:
    """A writer, its Redis and its store."""

    server: OwnRedis
    engine: Engine

    def __post_init__(self) -> None:
        self.connection = open_redis(self.server.url)
        self.streams = Streams(self.connection)
        self.jobs = Jobs(self.connection)
        self.writer = OutcomesDrain(
            streams=self.streams,
            jobs=self.jobs,
            engine=self.engine,
            clock=SystemClock(),
            stops=Stops(),
            weigh=lambda _: 1,
        )

    def settle(self, *settlements: Settlement) -> None:
        """Put settlements on the stream, an entry each."""
        self.streams.append([Append(STREAM, to_fields(one)) for one in settlements])

    def settle_at(self, entry_id: str, settlement: Settlement) -> None:
        """Put a settlement on the stream as a Redis does whose clock is at this id."""
        self.connection.execute_command(  # type: ignore[no-untyped-call]
            "XADD", STREAM, entry_id, *to_fields(settlement)
        )

    def write(self) -> None:
        """Let rescue find what waits, and the writer apply it."""
        Rescuer(self.connection, self.jobs).rescue()
        job_id = self.connection.hget(mark_of(STREAM), "job")
        assert isinstance(job_id, bytes)
        # Taken, as a writer does; else the drain would give way to itself after a slow commit.
        self.connection.delete("rq:queue:write")
        self.writer.drain(STREAM, job_id.decode())
        assert self.connection.xlen(STREAM) == 0

    def lose_drain(self) -> None:
        """Let the lease of the stream's drain run out."""
        self.connection.delete("rq:queue:write")
        self.connection.hset(mark_of(STREAM), "deadline", 1)

    def hits(self) -> int:
        with reading(self.engine) as connection:
            (profile,) = find_profiles(connection, workspace_id=WORKSPACE, external_id="counter")
        hits: int = profile["custom_attributes"]["hits"]
        return hits

    def logged(self) -> list[str]:
        with reading(self.engine) as connection:
            rows = list_deliveries(connection, workspace_id=WORKSPACE, limit=100)
        return sorted(row["event_id"] for row in rows)

    def start_again(self) -> None:
        self.server.kill()
        self.server.start()


@contextmanager
def writer_bench(folder: Path) -> Iterator[Bench]:
    """Start the Redis, make the store, and end both with the block."""
    url = f"sqlite:///{folder / 'store.db'}"
    migrate(url)
    engine = open_engine(url)
    with own_redis(folder / "redis") as server:
        made = Bench(server, engine)
        yield made
        made.connection.close()
    engine.dispose()
