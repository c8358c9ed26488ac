"""Trails: what they say after any number of deliveries, and how large they can become."""

import random

import pytest

from transformer.ids import DeliveryId, new_delivery_id
from transformer.trail import (
    KEPT_EVENTFUL,
    KEPT_OTHERS,
    SLACK,
    Trail,
    code_of,
    enter,
    join,
    latest,
    setters,
)

_BYTES_OF_A_DELIVERY = 23


def _set(
    trail: Trail, id_: DeliveryId, *keys: str, created: bool = False, eventful: bool
) -> list[str]:
    """Apply a delivery; gives what left the trail for it."""
    place, gone = enter(trail, code_of(id_), created=created, eventful=eventful)
    if place:
        trail.places.update(dict.fromkeys(keys, place))
    return [gone.deliveries] if gone else []


def test_an_id_comes_back_as_it_was() -> None:
    trail = Trail()
    ids = [DeliveryId("dlv_" + digit * 32) for digit in "123456789abcdef"]
    ids += [new_delivery_id() for _ in range(15)]
    for id_ in ids:
        enter(trail, code_of(id_), created=True, eventful=True)
    assert latest(trail.deliveries) == ids[::-1]


def test_what_was_there_before_trails_were_kept_has_no_setter() -> None:
    trail, id_ = Trail(), new_delivery_id()
    _set(trail, id_, "a:new", eventful=False)
    assert setters(trail, ["a:new", "a:old"]) == {"a:new": id_}
    assert latest(trail.deliveries) == [id_]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("created", [True, False])
def test_after_any_number_of_deliveries_each_value_names_the_last_that_set_it(
    seed: int, created: bool
) -> None:
    # To see it fail: let fold() keep no places of values, or not the first entry.
    chance = random.Random(seed)  # noqa: S311 - a test's
    names = [f"a:{number}" for number in range(chance.choice([1, 5, 60]))]
    trail = Trail()
    expected: dict[str, DeliveryId] = {}
    applied: list[tuple[DeliveryId, bool]] = []
    left: list[str] = []
    for number in range(chance.choice([3, 80, 700])):
        id_, eventful = new_delivery_id(), chance.random() < chance.choice([0, 0.5, 1])
        # A few values are set often, and some only once in a while.
        keys = {names[int(len(names) * chance.random() ** 3)] for _ in range(3)}
        left += _set(trail, id_, *keys, created=created and number == 0, eventful=eventful)
        expected |= dict.fromkeys(keys, id_)
        applied.append((id_, eventful))
        gone = chance.choice(names)
        if chance.random() < 0.2:
            trail.places.pop(gone, None)
            expected.pop(gone, None)
        assert setters(trail, expected) == expected
        entries = len(trail.deliveries) // _BYTES_OF_A_DELIVERY
        assert entries <= KEPT_EVENTFUL + KEPT_OTHERS + SLACK + 10 + len(trail.places)
    kept = latest(trail.deliveries)
    assert kept == [id_ for id_, _ in reversed(applied) if id_ in kept]
    for wanted, most in ((True, KEPT_EVENTFUL), (False, KEPT_OTHERS)):
        last = [id_ for id_, eventful in applied if eventful is wanted][-most:]
        assert set(last) <= set(kept)
    for eventful_only in (True, False):
        # Nothing is lost: what left the trail and what is there make up all.
        assert latest(trail.deliveries, left, eventful_only=eventful_only) == [
            id_ for id_, eventful in reversed(applied) if eventful or not eventful_only
        ]


def test_a_value_that_changes_all_the_time_does_not_push_out_the_events() -> None:
    trail, orders = Trail(), [new_delivery_id() for _ in range(5)]
    for order in orders:
        _set(trail, order, "e:order", created=True, eventful=True)
    for _ in range(2_000):
        _set(trail, new_delivery_id(), "a:seen_at", eventful=False)
    assert latest(trail.deliveries, eventful_only=True) == orders[::-1]
    assert len(trail.deliveries) <= (5 + KEPT_OTHERS + SLACK + 11) * _BYTES_OF_A_DELIVERY


def _of(*deliveries: tuple[DeliveryId, bool, tuple[str, ...]], created: bool = True) -> Trail:
    trail = Trail()
    for number, (id_, eventful, keys) in enumerate(deliveries):
        _set(trail, id_, *keys, created=created and not number, eventful=eventful)
    return trail


def test_a_joined_trail_names_who_set_what_is_taken_over() -> None:
    ids = [new_delivery_id() for _ in range(5)]
    kept = _of((ids[1], False, ("a:x",)), (ids[3], True, ("e:login",)))
    merged = _of((ids[0], False, ()), (ids[2], False, ("a:y",)), (ids[4], True, ("e:login",)))
    join(kept, merged, taken=["a:y", "a:z"], summed=["e:login"])
    assert setters(kept, ["a:x", "a:y", "a:z", "e:login"]) == {
        "a:x": ids[1],
        "a:y": ids[2],
        "a:z": ids[0],
        "e:login": ids[4],
    }
    assert set(latest(kept.deliveries)) == set(ids)
    assert latest(kept.deliveries, eventful_only=True) == [ids[4], ids[3]]


def test_a_delivery_that_changed_both_stands_in_the_joined_trail_once() -> None:
    shared, other = new_delivery_id(), new_delivery_id()
    kept = _of((shared, False, ()), (other, False, ("a:x",)))
    merged = _of((shared, True, ()))
    join(kept, merged, taken=["e:login"], summed=[])
    assert latest(kept.deliveries) == [other, shared]
    assert latest(kept.deliveries, eventful_only=True) == [shared]
    assert setters(kept, ["a:x", "e:login"]) == {"a:x": other, "e:login": shared}


def test_of_what_was_there_before_trails_were_kept_nothing_is_known_when_it_is_joined() -> None:
    one, two = new_delivery_id(), new_delivery_id()
    kept = _of((one, False, ("a:x",)), created=False)
    merged = _of((two, False, ("a:y",)), created=False)
    join(kept, merged, taken=["a:y", "a:old"], summed=[])
    assert setters(kept, ["a:x", "a:y", "a:old", "a:older"]) == {"a:x": one, "a:y": two}
    empty = Trail()
    join(empty, Trail(), taken=["a:x"], summed=["e:y"])
    assert setters(empty, ["a:x", "e:y", "a:z"]) == {}


def test_joined_trails_are_folded() -> None:
    def long() -> Trail:
        return _of(*((new_delivery_id(), True, ("e:login",)) for _ in range(140)))

    kept = long()
    for _ in range(5):
        join(kept, long(), taken=[], summed=["e:login"])
    for _ in range(10):
        _set(kept, new_delivery_id(), "e:login", eventful=True)
    assert len(kept.deliveries) <= (KEPT_EVENTFUL + KEPT_OTHERS + SLACK + 10) * _BYTES_OF_A_DELIVERY
