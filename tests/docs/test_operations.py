"""The tables of metrics and log lines in transformer/README.md are those of the code."""

import ast
import re
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from tests.docs.test_documents import SOURCES, table
from transformer.clock import SystemClock
from transformer.ingest.metrics import IngestMetrics
from transformer.metrics import (
    DrainMetrics,
    ForwardMetrics,
    ProcessMetrics,
    QueueMetrics,
    SchedulerMetrics,
    WorkerMetrics,
    WriterMetrics,
    page_of,
    snapshot_of,
)
from transformer.rest.metrics import RestMetrics

_BASE_UNITS = {"seconds", "bytes"}


def everything() -> CollectorRegistry:
    """Give a registry with all that any process counts, less what the library itself brings."""
    registry = CollectorRegistry()
    IngestMetrics(registry)
    RestMetrics(registry)
    DrainMetrics(registry, SystemClock())
    WorkerMetrics(registry)
    WriterMetrics(registry)
    SchedulerMetrics(registry)
    ForwardMetrics(registry)
    QueueMetrics(registry)
    return registry


def shown_name(name: str, kind: str) -> str:
    return f"`{name}_total`" if kind == "counter" else f"`{name}`"


def test_every_metric_is_documented_as_it_is() -> None:
    registries = (everything(), ProcessMetrics("web").registry)
    families = [family for registry in registries for family in registry.collect()]
    ours = [family for family in families if family.name.startswith("transformer_")]
    expected = [
        [shown_name(family.name, family.type), family.type, family.documentation] for family in ours
    ]
    assert sorted(table("Metrics")) == sorted(expected)


def test_metrics_are_named_as_prometheus_has_it() -> None:
    for family in everything().collect():
        assert re.fullmatch(r"transformer_[a-z_]+", family.name)
        assert not family.name.endswith(("_total", "_count", "_sum", "_bucket"))
        assert not re.search(r"_(ms|milliseconds|kb|mb|minutes)$", family.name)
        if family.type == "histogram":
            assert family.name.rpartition("_")[2] in {*_BASE_UNITS, "events", "deliveries"}


def test_the_page_can_be_read_by_prometheus_parser() -> None:
    registry = everything()
    page = page_of(
        [("web", "host:1", snapshot_of(registry)), ("web", "o:2", snapshot_of(registry))]
    )
    read = {family.name: family for family in text_string_to_metric_families(page.decode())}
    assert read.keys() == {family.name for family in registry.collect()}
    for family in read.values():
        instances = {sample.labels["instance"] for sample in family.samples}
        assert instances in ({"host:1", "o:2"}, set())  # a counter by label has no series yet


def log_names(tree: ast.Module) -> Iterator[str]:
    """Give the name of every line that a module writes."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="_log")) | ast.Attribute(attr="_report"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name
            case ast.Call(
                func=ast.Attribute(attr="log"), args=[_, ast.Constant(value=str(name)), *_]
            ):
                yield name
            case _:
                pass


def test_every_log_line_is_documented_and_no_other() -> None:
    found = {name for source in SOURCES for name in log_names(ast.parse(source.read_text()))}
    assert len(found) > 20
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", name) for name in found)
    documented = re.findall(r"`([^`]+)`", " ".join(names for names, _ in table("Log lines")))
    assert sorted(documented) == sorted(found)
