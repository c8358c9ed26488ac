"""The least that each stage could cost: the same bytes through the bare libraries, nothing of ours.

A floor leaves out what makes a stage ours (marks, fences, positions, reports), so no stage can reach
it. What it tells is how much of a stage's cost is ours to take away.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import hiredis
import orjson
import redis

from benchmarks.load import requests_for, send
from benchmarks.no_op import serving_no_op
from benchmarks.orders import ORDER
from benchmarks.proc import cpu_seconds
from sandbox import Call, Limits, Program, Returned, SandboxPool
from transformer import settlement
from transformer.queued import from_fields
from transformer.schemas.reader import load_schema
from transformer.schemas.validators import verdict_validator
from transformer.transformation import Destination

Fields: TypeAlias = Sequence[bytes]
Command: TypeAlias = tuple[bytes | str | int, ...]

_GROUP = 64
_BATCH = 256


def web(fields: Fields, webhooks: int) -> float:
    """Measure a uvicorn handler that does nothing, and one XADD packed and its answer parsed."""
    with serving_no_op() as server:
        send(server.url, requests_for(server.url, 0, webhooks))
        before = cpu_seconds(server.pid)
        send(server.url, requests_for(server.url, 0, webhooks))
        handled = (cpu_seconds(server.pid) - before) / webhooks * 1e6
    reader = hiredis.Reader()
    command: Command = ("XADD", "events", "*", *fields)

    def pack_and_parse() -> None:
        # The stub means a tuple of any length.
        hiredis.pack_command(command)  # type: ignore[arg-type]
        reader.feed(b"$15\r\n1700000000000-0\r\n")
        reader.gets()

    return handled + _own_cpu_us(pack_and_parse, webhooks)


def valkey(
    connection: redis.Redis, pid: int, event: Fields, settlements: Fields, batches: int
) -> float:
    """Measure the server: each event added, read and trimmed, and its settlement as well.

    Args:
        connection: to the server, which nobody else asks meanwhile.
        pid: the server's process.
        event: the fields of one event's entry.
        settlements: the fields of one entry with a batch of settlements.
        batches: how many batches to measure.
    """
    events_key, outcomes_key = "floor:events", "floor:outcomes"
    add: Command = ("XADD", events_key, "*", *event)
    settle: Command = ("XADD", outcomes_key, "*", *settlements)
    batch = sum(1 for _ in settlement.from_fields(settlements))
    before = cpu_seconds(pid)
    for _ in range(batches):
        for first in range(0, batch, _GROUP):
            group = min(_GROUP, batch - first)
            _pipelined(connection, [add] * group)
        _pipelined(connection, [("XRANGE", events_key, "-", "+")])
        _pipelined(connection, [settle, ("XTRIM", events_key, "MAXLEN", 0)])
        _pipelined(connection, [("XRANGE", outcomes_key, "-", "+")])
        _pipelined(connection, [("XTRIM", outcomes_key, "MAXLEN", 0)])
    used = cpu_seconds(pid) - before
    connection.delete(events_key, outcomes_key)
    return used / (batches * batch) * 1e6


def worker(events: Sequence[Fields], rounds: int) -> tuple[float, float]:
    """Measure the sandbox, its outputs parsed and held against the compiled schema.

    Returns:
        µs for an event in this process, and in the guest.
    """
    queued = [from_fields(fields) for fields in events]
    calls = [Call(event.payload, event.headers, event.context) for event in queued]
    program = Program(key="order", code=ORDER, context={})
    validator = verdict_validator(load_schema(Destination.TRACK))
    with SandboxPool(limits=Limits()) as pool:

        def transform() -> None:
            done = 0
            while done < len(calls):
                results = pool.run("wsp_1", program, calls[done : done + _BATCH])
                done += len(results)
                for result in results:
                    assert isinstance(result, Returned)  # noqa: S101 - this code returns
                    assert result.output is not None  # noqa: S101
                    if not validator.is_valid(orjson.loads(result.output)):
                        raise RuntimeError(result)

        for _ in range(3):
            transform()
        [guest] = pool.guest_pids().values()
        before = cpu_seconds(guest)
        host = _own_cpu_us(transform, rounds) / len(calls)
        return host, (cpu_seconds(guest) - before) / (rounds * len(calls)) * 1e6


def writer(database: Path, webhooks: int) -> float:
    """Measure SQLite: the rows that the writer wrote, written again with as many commits.

    Args:
        database: the store, in which nothing is written meanwhile; a copy is made beside it.
        webhooks: how many of the newest are written again.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source:
        events, deliveries = (
            source.execute(
                f"select * from {table} order by rowid desc limit ?",  # noqa: S608 - one of two
                (webhooks,),
            ).fetchall()[::-1]
            for table in ("events", "deliveries")
        )
        [(commits,)] = source.execute(
            "select count(distinct applied_at) from "
            "(select applied_at from deliveries order by rowid desc limit ?)",
            (webhooks,),
        ).fetchall()
        profiles = source.execute("select id, document, updated_at from profiles").fetchall()
        copy = database.with_name("floor.db")
        with closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    with closing(sqlite3.connect(copy, isolation_level=None)) as target:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=8000"):
            target.execute(f"PRAGMA {pragma}")
        target.executemany("delete from events where id = ?", [row[:1] for row in events])
        target.executemany("delete from deliveries where id = ?", [row[:1] for row in deliveries])
        group = max(round(webhooks / commits), 1)
        before = time.process_time()
        for first in range(0, webhooks, group):
            changed = [
                profiles[number % len(profiles)]
                for number in range(first, min(first + group, webhooks))
            ]
            target.execute("begin immediate")
            _read_profiles(target, changed)
            _insert(target, "events", events[first : first + group])
            _insert(target, "deliveries", deliveries[first : first + group])
            target.executemany(
                "update profiles set document = ?2, updated_at = ?3 where id = ?1", changed
            )
            target.execute("commit")
        used = time.process_time() - before
    for path in database.parent.glob("floor.db*"):
        path.unlink()
    return used / webhooks * 1e6


def _read_profiles(target: sqlite3.Connection, rows: Sequence[tuple[str, ...]]) -> None:
    places = ",".join("?" * len(rows))
    found = target.execute(
        f"select * from profiles where id in ({places})",  # noqa: S608 - question marks
        [row[0] for row in rows],
    )
    found.fetchall()


def _insert(target: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    places = ",".join("?" * len(rows[0]))
    target.executemany(f"insert into {table} values ({places})", rows)  # noqa: S608 - one of two


def _pipelined(connection: redis.Redis, commands: Sequence[Command]) -> None:
    with connection.pipeline(transaction=False) as pipeline:
        for command in commands:
            pipeline.execute_command(*command)  # type: ignore[no-untyped-call]
        pipeline.execute()


def _own_cpu_us(once: Callable[[], None], times: int) -> float:
    before = time.process_time()
    for _ in range(times):
        once()
    return (time.process_time() - before) / times * 1e6
