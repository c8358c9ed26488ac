"""What whoever runs the system sees of it: metrics, readiness, probes and logs."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.system import System, running_system
from tests.support.waiting import wait_until

CANARY = "canary-0f9a61d2"
APPLYING = (
    "return { attributes: [{ external_id: payload.id, n: 1, _update_existing_only: false }] };"
)
ROLES = {"web", "worker", "writer", "scheduler"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("operations")


@pytest.fixture(scope="module")
def watched(folder: Path) -> Iterator[System]:
    with running_system(folder / "data") as system:
        yield system


def samples(system: System, name: str, **labels: str) -> dict[tuple[tuple[str, str], ...], float]:
    """Give the series of a name that have these labels, by all their labels."""
    page = system.client.get("/metrics").text
    return {
        tuple(sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    }


def total(system: System, name: str, **labels: str) -> float:
    return sum(samples(system, name, **labels).values())


def ready(system: System) -> Any:
    return system.client.get("/readyz").json()


def reasons(system: System) -> set[str]:
    return {complaint["reason"] for complaint in ready(system)["degraded"]}


def test_one_page_tells_of_a_webhook_in_every_process(watched: System) -> None:
    """Fails if a process does not beat, or if its drain is made without its metrics."""
    made = watched.make("Metrics", APPLYING)
    broken = watched.make("Throws", "throw new Error(payload.id);")
    for _ in range(3):
        watched.delivery_of(watched.post(made.url, {"id": "seen"}))
    watched.delivery_of(watched.post(broken.url, {"id": "seen"}))
    watched.client.post("/in/nobody", json={})
    wait_until(
        "the writer has published its counts",
        lambda: (
            total(watched, "transformer_deliveries_total", outcome="applied") >= 3
            and total(watched, "transformer_deliveries_total", outcome="failed", code="threw") >= 1
            and total(watched, "transformer_events_transformed_total", verdict="ok") >= 3
        ),
    )
    assert total(watched, "transformer_webhooks_accepted_total", process="web") >= 4
    assert total(watched, "transformer_webhooks_refused_total", code="unknown_source") >= 1
    assert total(watched, "transformer_guest_starts_total", process="worker") >= 1
    applied = total(watched, "transformer_apply_delay_seconds_count", process="writer")
    assert applied == total(watched, "transformer_deliveries_total")
    assert total(watched, "transformer_backlog_entries") == 0
    assert total(watched, "transformer_redis_memory_bytes") > 0
    roles = {dict(labels)["process"] for labels in samples(watched, "transformer_build_info")}
    assert roles == ROLES


def test_code_that_brings_its_guest_down_is_counted_by_cause(watched: System) -> None:
    made = watched.make("Endless", "for (;;) {}")
    watched.delivery_of(watched.post(made.url, {}))
    wait_until(
        "the death is counted",
        lambda: total(watched, "transformer_guest_deaths_total", cause="out_of_time") >= 1,
    )


def test_readyz_lists_who_lives(watched: System) -> None:
    wait_until("all have been heard of", lambda: ready(watched)["processes"].keys() == ROLES)
    for role, seen in ready(watched)["processes"].items():
        pids = {int(one["instance"].rpartition(":")[2]) for one in seen}
        assert pids == set(watched.instance.pids[role])
        assert all(one["age_s"] < 10 for one in seen)
    assert reasons(watched) <= {"disk_almost_full"}


def probe(system: System, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "transformer", "ready", *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"TRANSFORMER_REDIS_URL": system.instance.redis_url},
    )


def test_a_probe_finds_the_process_of_its_host(watched: System) -> None:
    wait_until("all have been heard of", lambda: ready(watched)["processes"].keys() == ROLES)
    found = probe(watched, "worker", "--here")
    assert (found.returncode, found.stdout.split()[0]) == (0, "worker")
    assert probe(watched, "nobody").returncode == 2


def test_a_worker_that_stands_still_is_missed_and_webhooks_are_accepted_all_the_same(
    watched: System,
) -> None:
    """Fails if a beat has no end, or if no worker makes web unready."""
    made = watched.make("Waits", APPLYING)
    (worker,) = watched.instance.pids["worker"]
    os.kill(worker, signal.SIGSTOP)
    try:
        wait_until("it is missed", lambda: "no_worker" in reasons(watched), within_s=30)
        assert probe(watched, "worker").returncode == 1
        event_id = watched.post(made.url, {"id": "late"})
        assert watched.client.get("/readyz").status_code == 200
    finally:
        os.kill(worker, signal.SIGCONT)
    assert watched.delivery_of(event_id)["outcome"] == "applied"
    wait_until("it is back", lambda: "no_worker" not in reasons(watched))


def test_nothing_that_a_sender_sent_is_in_the_log(watched: System, folder: Path) -> None:
    """Fails with structlog's usual renderer of tracebacks and a settlement that breaks the writer."""
    codes = {
        "Applies": APPLYING,
        "Throws": "throw new Error(JSON.stringify(payload) + headers['X-Secret']);",
        "Breaks": "return {attributes: [{external_id: payload.id, n: '\\ud800' + payload.id}]};",
        "Not JSON": "return {attributes: [{external_id: 1n}]};",
    }
    for name, code in codes.items():
        made = watched.make(f"Canary: {name}", code)
        event_id = watched.post(made.url, {"id": CANARY}, {"X-Secret": CANARY})
        watched.delivery_of(event_id)
    assert watched.client.post(made.url, content=CANARY).status_code == 400
    log = (folder / "data.log").read_text()
    assert CANARY not in log
    lines = [json.loads(line) for line in log.splitlines()]  # each of them is one object
    settled = [line for line in lines if line["event"] == "batch.settled"]
    assert {"workspace_id", "transformation_id", "events", "delay_ms", "run_ms", "check_ms"} <= (
        settled[-1].keys()
    )
    applied = [line for line in lines if line["event"] == "batch.applied"]
    assert {"settlements", "operations", "apply_ms", "commit_ms", "bytes"} <= applied[-1].keys()
