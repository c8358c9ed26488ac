"""The pruner beside a writer, and what a workspace says of its log over HTTP."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Connection, event, func, select

from tests.support.api import Api, running_api
from tests.support.settlements import WORKSPACE, item, make_settlement
from tests.support.waiting import wait_until
from transformer.clock import SystemClock
from transformer.metrics import SchedulerMetrics
from transformer.processes.retention import Pruner
from transformer.settings import Settings
from transformer.store.catalogs import create_catalog, delete_catalog
from transformer.store.deliveries import insert_deliveries, insert_events
from transformer.store.engine import open_engine, reading, writing
from transformer.store.migrate import migrate
from transformer.store.retention import count_written
from transformer.store.tables import catalog_items, events
from transformer.store.workspaces import DEFAULT_WORKSPACE_ID
from transformer.writer.apply import apply_batch

OLD = "2020-01-01T00:00:00.000Z"
ROWS = 50_000
ITEMS = 5_000
PATH = f"/api/workspaces/{DEFAULT_WORKSPACE_ID}"


def _fill(engine_url: str) -> None:
    engine = open_engine(engine_url)
    numbers = range(ROWS)
    with writing(engine) as connection:
        insert_events(
            connection,
            [
                (f"evt_{n:032x}", WORKSPACE, "src_1", "application/json", "{}", b"x" * 200, OLD)
                for n in numbers
            ],
        )
        report = '{"output": [], "operations": [], "errors": [], "warnings": [], "console": []}'
        delivery = (
            None,
            None,
            "skipped",
            None,
            0,
            report,
            7,
            OLD,
            OLD,
            None,
            1,
            "automatic",
            None,
            300,
        )
        insert_deliveries(
            connection,
            [
                (f"dlv_{n:032x}", WORKSPACE, *delivery[:2], f"evt_{n:032x}", *delivery[2:])
                for n in numbers
            ],
        )
        count_written(connection, workspace_id=WORKSPACE, sizes=[300] * ROWS)
    engine.dispose()


def test_a_writer_waits_a_bounded_time_while_an_old_log_is_removed(tmp_path: Path) -> None:
    # To see it fail: make _FIRST_ROWS 100_000 in processes/paced.py, so that all goes at once.
    settings = Settings(data_dir=tmp_path)
    url = settings.resolved_database_url()
    migrate(url)
    _fill(url)
    pruning, wrote = open_engine(url), open_engine(url)
    pruner = Pruner(
        pruning, settings, clock=SystemClock(), metrics=SchedulerMetrics(CollectorRegistry())
    )
    steps: list[Connection] = []
    event.listen(pruning, "commit", steps.append)
    removed: list[int] = []
    thread = threading.Thread(target=lambda: removed.append(pruner.prune()))
    thread.start()
    waits, clock = [], SystemClock()
    while thread.is_alive():
        began = time.monotonic()
        with writing(wrote) as connection:
            waits.append(time.monotonic() - began)
            apply_batch(
                connection,
                workspace_id=WORKSPACE,
                settlements=[make_settlement(accepted_at="2099-01-01T00:00:00.000Z")],
                now=clock.now(),
            )
        # A batch every few ms, as a writer has: without a pause it is the pruner that waits.
        thread.join(timeout=0.005)
    with reading(wrote) as connection:
        left = connection.execute(select(func.count()).select_from(events)).scalar_one()
    pruning.dispose()
    wrote.dispose()
    assert removed == [ROWS]
    assert len(steps) >= ROWS / 1_000
    # A step is about 20 ms, and four times as long the writer is alone. It gets in hundreds of times; the
    # rest is other people's load.
    assert left == len(waits) > 100
    waits.sort()
    assert waits[len(waits) // 2] < 0.1
    assert waits[-1] < 1


def test_the_items_of_a_deleted_catalog_are_swept_a_few_at_a_time(tmp_path: Path) -> None:
    # To see it fail: make _FIRST_ROWS and _MOST_ROWS 100_000 in processes/paced.py.
    settings = Settings(data_dir=tmp_path)
    url = settings.resolved_database_url()
    migrate(url)
    engine = open_engine(url)
    clock = SystemClock()
    pruner = Pruner(engine, settings, clock=clock, metrics=SchedulerMetrics(CollectorRegistry()))
    with writing(engine) as connection:
        for name in ("deleted", "kept"):
            create_catalog(
                connection,
                workspace_id=WORKSPACE,
                name=name,
                description="",
                fields=[{"name": "id", "type": "string"}],
                now=clock.now(),
            )
            apply_batch(
                connection,
                workspace_id=WORKSPACE,
                settlements=[
                    make_settlement(*(item("put", name, id=f"i{n}") for n in range(ITEMS)))
                ],
                now=clock.now(),
            )
        delete_catalog(connection, workspace_id=WORKSPACE, name="deleted", now=clock.now())
    steps: list[Connection] = []
    event.listen(engine, "commit", steps.append)
    swept = [pruner.sweep(), pruner.sweep()]
    with reading(engine) as connection:
        left = connection.execute(select(func.count()).select_from(catalog_items)).scalar_one()
    engine.dispose()
    assert (swept, left) == ([ITEMS, 0], ITEMS)
    assert len(steps) >= ITEMS / 1_000


def test_a_locked_database_holds_up_the_pruner_alone(tmp_path: Path) -> None:
    # To see it fail: call prune() in Pruner.__enter__ instead of starting the thread.
    settings = Settings(data_dir=tmp_path)
    url = settings.resolved_database_url()
    migrate(url)
    pruning, other = open_engine(url), open_engine(url)

    def write(connection: Connection) -> None:
        apply_batch(
            connection,
            workspace_id=WORKSPACE,
            settlements=[make_settlement(accepted_at=OLD)],
            now=SystemClock().now(),
        )

    def left() -> int:
        with reading(other) as connection:
            return connection.execute(select(func.count()).select_from(events)).scalar_one()

    with writing(other) as connection:
        write(connection)
    with writing(other) as locking:
        began = time.monotonic()
        pruner = Pruner(
            pruning, settings, clock=SystemClock(), metrics=SchedulerMetrics(CollectorRegistry())
        )
        with pruner:
            pruner.check()
            assert time.monotonic() - began < 5
            assert left() == 1
            locking.rollback()
            wait_until("what is old is gone", lambda: left() == 0, within_s=30)
            pruner.check()
    pruning.dispose()
    other.dispose()


def test_a_bug_in_the_thread_ends_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path)
    url = settings.resolved_database_url()
    migrate(url)
    engine = open_engine(url)
    pruner = Pruner(
        engine, settings, clock=SystemClock(), metrics=SchedulerMetrics(CollectorRegistry())
    )

    def broken() -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(pruner, "prune", broken)

    def is_told() -> bool:
        try:
            pruner.check()
        except ZeroDivisionError:
            return True
        return False

    with pruner:
        wait_until("the process is told", is_told)
    engine.dispose()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path) as running:
        yield running


def test_a_workspace_keeps_the_retention_it_is_given(api: Api) -> None:
    assert api.get(f"{PATH}/retention") == {"days": None, "max_mb": None}
    chosen = {"days": 7, "max_mb": 500}
    answer = api.request("PUT", f"{PATH}/retention", json=chosen)
    assert (answer.status_code, answer.json()) == (200, chosen)
    assert api.get(f"{PATH}/retention") == chosen


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [({"days": 0}, "/days"), ({"days": 40_000}, "/days"), ({"max_mb": -1}, "/max_mb")],
)
def test_a_retention_that_makes_no_sense_is_refused(
    api: Api, changed: dict[str, int], pointer: str
) -> None:
    answer = api.request("PUT", f"{PATH}/retention", json={"days": 7, "max_mb": 1} | changed)
    assert answer.status_code == 400
    assert answer.json()["error"]["pointer"] == pointer


def test_an_empty_workspace_says_that_it_holds_nothing(api: Api) -> None:
    assert api.get(f"{PATH}/usage") == {
        "deliveries": 0,
        "bytes": 0,
        "oldest_accepted_at": None,
        "profiles": 0,
        "catalog_items": 0,
    }


def test_another_workspace_is_not_there(api: Api) -> None:
    answer = api.request("GET", f"/api/workspaces/wsp_{'f' * 32}/usage")
    assert answer.status_code == 404
