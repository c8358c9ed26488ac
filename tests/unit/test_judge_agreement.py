"""What the worker refuses of code's output, the writer would reject: a call of the REST API, whose objects
the writer alone judges, has no better luck with them.

The other way round the writer may know more: a year that is too late, a phone number that is none.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.test_check_agreement import attributes, events, mutated, purchases
from transformer.delivery import Problem
from transformer.operation import Kind
from transformer.schemas.reader import load_schema
from transformer.transformation import Destination
from transformer.worker.judge import TrackJudge
from transformer.writer.times import is_time, read_time
from transformer.writer.track import fault_of

JUDGE = TrackJudge(load_schema(Destination.TRACK))
NOW = "2026-01-01T00:00:00.000Z"
OBJECTS = {Kind.ATTRIBUTES: attributes, Kind.EVENT: events, Kind.PURCHASE: purchases}


def rejected(kind: Kind, described: Any) -> Problem | None:
    return fault_of(described, kind=kind, pointer="", now=NOW, blocked=frozenset())


@pytest.mark.parametrize("kind", OBJECTS)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_what_the_worker_refuses_the_writer_rejects(kind: Kind, data: st.DataObject) -> None:
    described = data.draw(mutated(OBJECTS[kind]).filter(lambda one: isinstance(one, dict)))
    if not JUDGE.refuses(kind, described):
        return
    time = described.get("time")
    if read_time(time) and not is_time(time):
        return  # the writer reads forms that are documented nowhere: blanks around, weeks, no dashes
    assert rejected(kind, described), JUDGE.why_refused(kind, described, ())


@pytest.mark.parametrize("kind", OBJECTS)
@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_an_object_that_only_loses_fields_is_accepted_by_the_writer(
    kind: Kind, data: st.DataObject
) -> None:
    described = data.draw(OBJECTS[kind])
    name = data.draw(st.sampled_from(sorted(DROPPED[kind])))
    described = described | {name: data.draw(st.sampled_from([17, True, "\n", ["x"], {"a": 1}]))}
    if "external_id" not in described or rejected(kind, described | {name: None}):
        return
    assert not JUDGE.refuses(kind, described)
    assert rejected(kind, described) is None


DROPPED = {
    kind: {
        name
        for name, held in load_schema(Destination.TRACK)["$defs"][part]["properties"].items()
        if "x-dropped" in held
    }
    for kind, part in zip(OBJECTS, ("attributes", "event", "purchase"), strict=True)
}
