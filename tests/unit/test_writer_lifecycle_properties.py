"""What holds of who is who, whatever is asked: nothing breaks, nothing is half done."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.identities import ADA, World
from tests.support.identity_strategies import IDENTITY_OPERATIONS
from tests.support.settlements import identity
from transformer.operation import JsonObject

_LIFECYCLE = (
    "alias.new",
    "alias.update",
    "identify",
    "merge",
    "external_id.rename",
    "external_id.remove",
    "delete",
)
_quickly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(st.lists(IDENTITY_OPERATIONS, min_size=2, max_size=24))
@_quickly
def test_an_operation_is_applied_whole_or_not_at_all(operations: list[JsonObject]) -> None:
    world = World()
    for operation in operations:
        before = world.profiles()
        settled = world.apply(operation)
        told = len(settled.errors) + len(settled.warnings)
        if settled.operations == 0:
            assert told == 1
            assert world.profiles() == before
        else:
            assert (settled.operations, told) == (1, 0)


@given(st.lists(IDENTITY_OPERATIONS, min_size=2, max_size=24))
@_quickly
def test_a_name_finds_one_profile_and_that_profile_has_it(operations: list[JsonObject]) -> None:
    world = World()
    for operation in operations:
        world.apply(operation)
        external_ids, labels = [], []
        for profile in world.profiles():
            external_ids += [profile.get("external_id"), *profile.get("deprecated", [])]
            labels.append([alias["alias_label"] for alias in profile.get("aliases", [])])
        named = [external_id for external_id in external_ids if external_id is not None]
        assert len(named) == len(set(named))
        assert all(len(each) == len(set(each)) for each in labels)


@given(st.lists(IDENTITY_OPERATIONS, min_size=2, max_size=24))
@_quickly
def test_merging_and_identifying_lose_no_event_and_no_purchase(
    operations: list[JsonObject],
) -> None:
    world = World()
    for operation in operations:
        before = _counted(world)
        settled = world.apply(operation)
        if operation["kind"] in ("event", "purchase"):
            assert _counted(world) == before + settled.operations
        elif operation["kind"] != "delete":
            assert _counted(world) == before


def _counted(world: World) -> int:
    return sum(
        summary["count"]
        for profile in world.profiles()
        for of in ("custom_events", "purchases")
        for summary in profile.get(of, {}).values()
    )


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(max_size=4)
    | st.sampled_from(["u1", "shop", "a@b.co", "+33123456", "identified", "most_recently_updated"])
    | st.just(ADA),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["external_id", "email", "alias_name"]), inner, max_size=3
        )
    ),
    max_leaves=4,
)
_KEYS = st.sampled_from(
    [
        "external_id",
        "user_alias",
        "braze_id",
        "email",
        "phone",
        "prioritization",
        "alias_name",
        "alias_label",
        "old_alias_name",
        "new_alias_name",
        "current_external_id",
        "new_external_id",
        "identifier_to_merge",
        "identifier_to_keep",
        "anything",
    ]
)


@given(
    st.lists(IDENTITY_OPERATIONS, max_size=4),
    st.lists(
        st.tuples(st.sampled_from(_LIFECYCLE), st.dictionaries(_KEYS, _VALUES, max_size=5)),
        min_size=1,
        max_size=8,
    ),
)
@_quickly
def test_no_object_breaks_the_writer(
    before: list[JsonObject], asked: list[tuple[str, JsonObject]]
) -> None:
    world = World()
    for operation in before:
        world.apply(operation)
    settled = world.apply(*(identity(kind, "elements", **described) for kind, described in asked))
    told = [*settled.errors, *settled.warnings]
    assert settled.operations + len(told) == len(asked)
    assert all(problem.pointer.startswith("/elements/") for problem in told)
