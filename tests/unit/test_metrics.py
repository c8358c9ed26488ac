"""Histograms that look at a few values of an ordered batch, and the page of all processes."""

import math
from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

from transformer.metrics import Spread, page_of, snapshot_of

BOUNDS = (1.0, 5.0, 20.0)


def buckets(spread: Spread) -> list[float]:
    (family,) = spread.collect()
    return [sample.value for sample in family.samples if sample.name.endswith("_bucket")]


@given(st.lists(st.floats(0, 30), max_size=300), st.booleans())
def test_an_ordered_batch_is_counted_as_one_value_after_the_other(
    values: list[float], falling: bool
) -> None:
    values.sort(reverse=falling)
    at_once = Spread("at_once", "", BOUNDS, CollectorRegistry())
    singly = Spread("singly", "", BOUNDS, CollectorRegistry())
    at_once.observe_ordered(len(values), values.__getitem__)
    for value in values:
        singly.observe(value)
    assert buckets(at_once) == buckets(singly)
    assert at_once.count == len(values)


def test_a_batch_within_a_bucket_is_looked_at_twice() -> None:
    """Fails if ``observe_ordered`` looks at each value: that is what makes it cost nothing."""
    looked: list[int] = []

    def value_at(at: int) -> float:
        looked.append(at)
        return 2.0

    spread = Spread("delay", "", BOUNDS, CollectorRegistry())
    spread.observe_ordered(256, value_at)
    assert looked == [0, 255]
    assert buckets(spread)[bisect_left(BOUNDS, 2.0)] == 256


def test_the_same_series_of_two_processes_stand_beside_each_other() -> None:
    def counted(times: int) -> CollectorRegistry:
        registry = CollectorRegistry()
        Counter("things", "Things.", ["kind"], registry=registry).labels("a").inc(times)
        return registry

    page = page_of(
        [
            ("worker", "one:1", snapshot_of(counted(2))),
            ("worker", "two:1", snapshot_of(counted(3))),
            ("writer", "one:2", snapshot_of(counted(5))),
        ]
    )
    (family,) = text_string_to_metric_families(page.decode())
    assert {
        (sample.labels["process"], sample.labels["instance"]): sample.value
        for sample in family.samples
    } == {("worker", "one:1"): 2, ("worker", "two:1"): 3, ("writer", "one:2"): 5}


def test_what_json_cannot_hold_is_shown_as_not_a_number() -> None:
    page = page_of([("web", "one:1", [["gap", "gauge", "A gap.", [["gap", {}, None]]]])])
    (family,) = text_string_to_metric_families(page.decode())
    assert math.isnan(family.samples[0].value)
