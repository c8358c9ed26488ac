"""Each row of *What each failure gets* in transformer/README.md, caused for real."""

import re
from pathlib import Path

import pytest

from tests.integration.test_drains import NOW, Bench, bench, pool
from transformer.errors import QueueUnavailable, SandboxUnavailable, StoreUnavailable
from transformer.queue.keys import mark_of
from transformer.queue.streams import FIRST_DELAY_MS, Streams
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import reading, writing
from transformer.store.transformations import publish, read_transformation, save_draft
from transformer.worker.revisions import Revisions
from transformer.worker.transform import Transformer
from transformer.writer import drain as writer_drain

__all__ = ["bench", "pool"]

README = Path(__file__).parents[2] / "transformer" / "README.md"
BY_CODE = {
    "syntax_error": "return {",
    "threw": "throw new Error('no');",
    "timed_out": "for (;;) {}",
    "out_of_memory": "const a = []; for (;;) { a.push(new Array(1000).fill(1)); }",
    "output_too_large": "return { attributes: [{ external_id: 'x'.repeat(9000000) }] };",
    "invalid_output": "return { nonsense: 1 };",
    "catalog_not_found": "return [{ destination: 'catalog.put', catalog_name: 'no', items: [{ id: 'a' }] }];",
}
BY_US = {
    "sandbox_unavailable": (Transformer, "run", SandboxUnavailable),
    "store_unavailable": (Revisions, "published", StoreUnavailable),
}


def _publish(bench: Bench, code: str) -> None:
    named = {"workspace_id": bench.workspace_id, "transformation_id": bench.transformation_id}
    with writing(bench.engine) as connection:
        save_draft(connection, **named, code=code, now=NOW)  # type: ignore[arg-type]
        transformation = read_transformation(connection, **named)  # type: ignore[arg-type]
        publish(connection, transformation=transformation, now=NOW)


def _failures(bench: Bench) -> int:
    return int(bench.connection.hget(mark_of(bench.stream), "failures") or 0)


def test_the_table_has_a_row_for_each_failure_that_is_tried_here() -> None:
    section = README.read_text().partition("\n## What each failure gets\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]
    listed = {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}
    # died and internal_error: test_drains.py, the two tests of I8.
    assert listed == {*BY_CODE, *BY_US, "queue_unavailable", "died", "internal_error"}


@pytest.mark.parametrize("code", BY_CODE)
def test_what_the_code_does_wrong_is_a_dead_letter_at_once(bench: Bench, code: str) -> None:
    _publish(bench, BY_CODE[code])
    due = bench.accept(1)
    bench.events.drain(due.stream, due.job_id)
    assert bench.connection.xlen(bench.stream) == 0, "nothing is left to try again"
    bench.outcomes.drain(bench.outcomes_stream, bench.write_job())
    with reading(bench.engine) as connection:
        (row,) = list_deliveries(connection, workspace_id=bench.workspace_id, limit=9)
    assert (row["outcome"], row["errors"][0]["code"]) == ("failed", code)
    assert (row["attempt"], row["trigger"]) == (1, "automatic")


@pytest.mark.parametrize("code", BY_US)
def test_what_we_lack_is_tried_again_later_and_is_no_dead_letter(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    # Leave the postponing out of Slices.work to see this fail.
    owner, name, error = BY_US[code]
    assert error.code == code

    def refuse(*_: object, **__: object) -> None:
        raise error("It does not answer.")

    job_id = bench.accept(1).job_id
    with monkeypatch.context() as without:
        without.setattr(owner, name, refuse)
        for failures in (1, 2, 3):
            with pytest.raises(error):
                bench.events.drain(bench.stream, job_id)
            assert _failures(bench) == failures
            seconds, microseconds = bench.connection.time()
            deadline = int(bench.connection.hget(mark_of(bench.stream), "deadline"))  # type: ignore[arg-type]
            waits_ms = deadline - seconds * 1_000 - microseconds // 1_000
            assert waits_ms <= FIRST_DELAY_MS * 2 ** (failures - 1)
            job_id = bench.lose_drain(bench.stream)
    bench.events.drain(bench.stream, job_id)
    assert [settlement.verdict for settlement in bench.settled()] == ["ok"]
    assert _failures(bench) == 0


def test_an_outage_of_redis_makes_no_stream_wait_longer_than_its_lease(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Postpone whatever the error in Slices._drain to see this fail.
    def refuse(*_: object, **__: object) -> None:
        raise QueueUnavailable("It does not answer.")

    job_id = bench.accept(1).job_id
    with monkeypatch.context() as without:
        without.setattr(Streams, "settle", refuse)
        for _ in range(3):
            with pytest.raises(QueueUnavailable):
                bench.events.drain(bench.stream, job_id)
            assert _failures(bench) == 0
            job_id = bench.lose_drain(bench.stream)
    bench.events.drain(bench.stream, job_id)
    assert [settlement.verdict for settlement in bench.settled()] == ["ok"]


@pytest.mark.parametrize("where", ["worker", "writer"])
def test_a_bug_of_ours_is_tried_again_later_as_well(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    due = bench.accept(1)
    if where == "worker":
        monkeypatch.setattr(Transformer, "run", break_down)
        drain, stream, job_id = bench.events.drain, due.stream, due.job_id
    else:
        bench.events.drain(due.stream, due.job_id)
        monkeypatch.setattr(writer_drain, "apply_batch", break_down)
        drain, stream, job_id = bench.outcomes.drain, bench.outcomes_stream, bench.write_job()
    for failures in (1, 2):
        with pytest.raises(ZeroDivisionError):
            drain(stream, job_id)
        assert bench.connection.hget(mark_of(stream), "failures") == str(failures).encode()
        job_id = bench.lose_drain(stream)
