"""What web tells of the processes and the queue, with a real Valkey."""

import time

import redis
from prometheus_client import CollectorRegistry, Counter

from transformer.metrics import ProcessMetrics, snapshot_of
from transformer.processes.page import MetricsPage
from transformer.processes.readiness import missing, strained
from transformer.queue.beats import Beat, Beats
from transformer.queue.connection import open_redis
from transformer.queue.keys import DRAINS, DrainKind
from transformer.queue.survey import Survey, Waiting, survey


def test_a_beat_is_read_as_it_was_said(redis_connection: redis.Redis) -> None:
    registry = CollectorRegistry()
    Counter("things", "Things.", registry=registry).inc(3)
    said = Beat("worker", "host:1", 0.25, snapshot_of(registry))
    beats = Beats(redis_connection)
    beats.publish(said)
    (heard,) = beats.read()
    assert (heard.role, heard.instance, heard.busy_s) == ("worker", "host:1", 0.25)
    assert heard.snapshot == said.snapshot
    assert heard.is_alive


def test_who_said_that_it_stops_is_not_taken_to_live(redis_connection: redis.Redis) -> None:
    beats = Beats(redis_connection)
    beats.publish(Beat("worker", "host:1", 0.0, []))
    beats.publish(Beat("worker", "host:1", 0.0, [], stopped=True))
    (heard,) = beats.read()
    assert not heard.is_alive


def test_what_a_process_counted_last_can_be_read_after_its_end(
    redis_connection: redis.Redis,
) -> None:
    registry = CollectorRegistry()
    Counter("transformer_things", "Things.", registry=registry).inc(3)
    Beats(redis_connection).publish(
        Beat("worker", "host:1", 0.0, snapshot_of(registry), stopped=True)
    )
    page = MetricsPage(ProcessMetrics("web"), redis_connection)().decode()
    assert 'transformer_things_total{instance="host:1",process="worker"} 3.0' in page


def test_without_redis_the_page_tells_of_web_alone() -> None:
    page = MetricsPage(ProcessMetrics("web"), open_redis("unix:///nowhere/redis.sock"))().decode()
    assert "transformer_redis_up 0.0" in page
    assert "transformer_backlog_entries NaN" in page
    assert 'process="web"' in page


def test_redis_is_asked_whether_it_accepts(redis_connection: redis.Redis) -> None:
    """Fails if readiness asks for an answer alone: an almost full Redis answers well."""
    beats = Beats(redis_connection)
    assert beats.accepting() is None
    used = int(redis_connection.info("memory")["used_memory"])
    redis_connection.config_set("maxmemory", int(used * 1.1))
    try:
        assert beats.accepting() is not None
    finally:
        redis_connection.config_set("maxmemory", 0)


def test_a_survey_counts_what_waits_and_since_when(redis_connection: redis.Redis) -> None:
    long_ago = int((time.time() - 90) * 1_000)
    for stream in ("events:{wsp_1}:trf_1", "events:{wsp_1}:trf_2", "outcomes:{wsp_1}"):
        redis_connection.sadd(DRAINS, stream)
    redis_connection.xadd("events:{wsp_1}:trf_1", {"a": 1}, id=f"{long_ago}-0")
    redis_connection.xadd("events:{wsp_1}:trf_1", {"a": 1})
    redis_connection.xadd("outcomes:{wsp_1}", {"a": 1})
    found = survey(redis_connection)
    transform, write = found.waiting[DrainKind.TRANSFORM], found.waiting[DrainKind.WRITE]
    assert (transform.streams, transform.entries) == (1, 2)
    assert 80 < transform.oldest_s < 300
    assert (write.streams, write.entries) == (1, 1)
    assert found.memory_bytes > 0
    assert [complaint.reason for complaint in strained(found)] == ["queue_delayed"]


def test_a_redis_that_fills_up_is_complained_of() -> None:
    waiting = {kind: Waiting() for kind in DrainKind}
    assert [one.reason for one in strained(Survey(waiting, 81, 100))] == ["redis_almost_full"]
    assert list(strained(Survey(waiting, 79, 100))) == []
    assert list(strained(Survey(waiting, 79, 0))) == []


def test_a_role_that_nobody_plays_and_a_drain_that_does_not_end_are_complained_of() -> None:
    living = [Beat("worker", "host:1", 61.0, []), Beat("scheduler", "host:2", 0.0, [])]
    assert [one.reason for one in missing(living)] == ["no_writer", "drain_stuck"]
