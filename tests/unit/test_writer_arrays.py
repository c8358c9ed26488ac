"""How changes go into what an attribute holds: laws that hold for whatever it is."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transformer.writer.arrays import incremented, merged, with_elements, with_objects

quickly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

scalars = st.one_of(st.text(max_size=5), st.integers(-5, 5), st.booleans())
objects = st.recursive(
    st.dictionaries(st.sampled_from("abc"), scalars, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), st.one_of(scalars, inner), max_size=3),
    max_leaves=8,
)


@quickly
@given(objects, objects)
def test_merging_twice_is_merging_once(held: dict[str, Any], change: dict[str, Any]) -> None:
    once = merged(held, change)
    assert merged(once, change) == once


@quickly
@given(objects, objects)
def test_merging_keeps_every_key_of_both(held: dict[str, Any], change: dict[str, Any]) -> None:
    assert merged(held, change).keys() == held.keys() | change.keys()


@quickly
@given(objects, objects)
def test_merging_leaves_what_it_is_given_alone(
    held: dict[str, Any], change: dict[str, Any]
) -> None:
    before = repr((held, change))
    merged(held, change)
    assert repr((held, change)) == before


@quickly
@given(st.integers(-(10**9), 10**9), st.lists(st.integers(-1000, 1000)))
def test_increments_add_up(start: int, steps: list[int]) -> None:
    held: Any = start
    for step in steps:
        held = incremented(held, step)
    assert held == start + sum(steps)


arrays = st.lists(scalars, max_size=6)


def _kinds(elements: list[Any]) -> set[tuple[bool, Any]]:
    return {(isinstance(element, bool), element) for element in elements}


@quickly
@given(arrays, arrays)
def test_what_was_added_stands_at_the_end_in_its_order(held: list[Any], added: list[Any]) -> None:
    base = with_elements([], add=held, remove=[])
    after = with_elements(base, add=added, remove=[])
    assert isinstance(after, list)
    unique = with_elements([], add=added, remove=[])
    assert isinstance(unique, list)
    assert after[len(after) - len(unique) :] == unique
    assert _kinds(after) == _kinds(held) | _kinds(added)
    assert len(after) == len(_kinds(after))


@quickly
@given(arrays, arrays)
def test_what_was_removed_is_gone_and_nothing_else(held: list[Any], gone: list[Any]) -> None:
    after = with_elements(held, add=[], remove=gone)
    assert isinstance(after, list)
    assert _kinds(after) == _kinds(held) - _kinds(gone)


@quickly
@given(arrays, arrays)
def test_adding_again_changes_nothing(held: list[Any], added: list[Any]) -> None:
    once = with_elements(held, add=added, remove=[])
    assert with_elements(once, add=added, remove=[]) == once


@quickly
@given(st.lists(objects, max_size=4), st.lists(objects, max_size=4))
def test_adding_objects_appends_them_all(
    held: list[dict[str, Any]], added: list[dict[str, Any]]
) -> None:
    assert with_objects(held, {"$add": added}, merge=False) == held + added
