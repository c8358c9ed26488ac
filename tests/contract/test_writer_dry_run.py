"""What a dry run promises is what the writer then does, and promising it writes nothing."""

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import DBAPIError

from tests.support.settlements import (
    WORKSPACE,
    attributes,
    event,
    item,
    make_settlement,
    purchase,
)
from transformer.cli.against import looking_at
from transformer.delivery import Outcome, Verdict
from transformer.errors import StoreUnavailable
from transformer.ids import WorkspaceId, new_workspace_id
from transformer.operation import JsonObject
from transformer.settings import load_settings, mask_password
from transformer.settlement import Settlement
from transformer.store.catalogs import create_catalog
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import Connection, reading, snapshot, writing
from transformer.store.tables import (
    aliases,
    catalog_items,
    catalogs,
    metadata,
    profiles,
    workspaces,
)
from transformer.store.workspaces import ensure_default_workspace
from transformer.writer.apply import apply_batch
from transformer.writer.changes import ABSENT, Change, is_same
from transformer.writer.differences import (
    Fate,
    IdentifierShared,
    ItemDiffers,
    NobodyMeant,
    ProfileDiffers,
)
from transformer.writer.dry_run import DryRun, dry_run

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SECTIONS = ("custom_attributes", "custom_events", "purchases")


def _apply(engine: Engine, *settlements: Settlement, workspace_id: WorkspaceId = WORKSPACE) -> None:
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=workspace_id, settlements=settlements, now=NOW)


def _try(engine: Engine, *settlements: Settlement, workspace_id: WorkspaceId = WORKSPACE) -> DryRun:
    with snapshot(engine) as connection:
        return dry_run(connection, workspace_id=workspace_id, settlements=settlements, now=LATER)


def _make_catalog(engine: Engine, workspace_id: WorkspaceId = WORKSPACE) -> None:
    fields = [
        {"name": "id", "type": "string"},
        {"name": "price", "type": "number"},
        {"name": "tags", "type": "array"},
        {"name": "made", "type": "object"},
    ]
    with writing(engine) as connection:
        create_catalog(
            connection,
            workspace_id=workspace_id,
            name="products",
            description="",
            fields=fields,
            now=NOW,
        )


def _everything(connection: Connection) -> dict[str, list[str]]:
    return {
        table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
        for table in metadata.sorted_tables
    }


def test_nothing_is_written(engine: Engine) -> None:
    _make_catalog(engine)
    _apply(engine, make_settlement(attributes(external_id="u", n=1)))
    with reading(engine) as connection:
        before = _everything(connection)
    found = _try(
        engine,
        make_settlement(
            attributes(external_id="u", n={"inc": 1}), event(external_id="v", name="x")
        ),
        make_settlement(item("put", "products", id="a", price=1)),
    )
    with reading(engine) as connection:
        assert _everything(connection) == before
    assert [one.as_json()["kind"] for one in found.differences] == [
        "profile.changed",
        "profile.created",
        "item.created",
    ]


def test_the_database_itself_refuses_to_write_in_a_snapshot(engine: Engine) -> None:
    # Take query_only or postgresql_readonly out of snapshot to see this fail.
    row = {"id": new_workspace_id(), "name": "x", "created_at": "2026-03-01T12:00:00.000Z"}
    with pytest.raises((DBAPIError, StoreUnavailable)), snapshot(engine) as connection:
        connection.execute(insert(workspaces), row)
    with writing(engine) as connection:
        connection.execute(insert(workspaces), row)


def test_the_store_stands_still_in_a_snapshot(engine: Engine) -> None:
    # Take the isolation level out of snapshot to see this fail on PostgreSQL.
    query = select(profiles.c.external_id)
    with snapshot(engine) as connection:
        assert connection.execute(query).all() == []
        _apply(engine, make_settlement(attributes(external_id="u", n=1)))
        assert connection.execute(query).all() == []
    with snapshot(engine) as connection:
        assert connection.execute(query).scalars().all() == ["u"]


def test_of_several_profiles_with_one_email_the_one_that_is_meant_is_named(engine: Engine) -> None:
    _apply(engine, make_settlement(attributes(email="a@b.co", n=1)))
    for name in ("old", "new"):
        _apply(engine, make_settlement(attributes(external_id=name, email="a@b.co")))
    found = _try(engine, make_settlement(attributes(email="a@b.co", n=2)))
    [shared] = [one for one in found.differences if isinstance(one, IdentifierShared)]
    assert (shared.identifier.value, shared.meant.external_id) == ("a@b.co", "new")
    assert {(other.external_id, other.email) for other in shared.others} == {
        ("old", "a@b.co"),
        (None, "a@b.co"),
    }
    [differs] = [one for one in found.differences if isinstance(one, ProfileDiffers)]
    assert differs.profile == shared.meant


def test_an_identifier_that_nobody_has_is_told_with_its_place(engine: Engine) -> None:
    found = _try(
        engine,
        make_settlement(
            attributes(external_id="u", n=1),
            attributes(braze_id="gone", n=1),
            event(external_id="ghost", name="x", _update_existing_only=True),
        ),
    )
    nobody = [one for one in found.differences if isinstance(one, NobodyMeant)]
    assert [(one.identifier.value, one.pointer) for one in nobody] == [
        ("gone", "/attributes/1"),
        ("ghost", "/events/0"),
    ]


def test_what_an_earlier_delivery_counted_is_not_promised_again(engine: Engine) -> None:
    first = make_settlement(
        attributes(external_id="u", n={"inc": 1}), event(external_id="u", name="x")
    )
    _apply(engine, first)
    again = make_settlement(
        attributes(external_id="u", n={"inc": 1}, plan="pro"),
        event(external_id="u", name="x"),
        event_id=first.event_id,
        replay_of=first.delivery_id,
    )
    found = _try(engine, again)
    [differs] = [one for one in found.differences if isinstance(one, ProfileDiffers)]
    assert [change.path for change in differs.changes] == [("custom_attributes", "plan")]
    [settled] = found.settled
    assert settled is not None
    assert [warning.code for warning in settled.warnings] == ["applied_before"]


def test_a_retry_that_comes_too_late_promises_nothing(engine: Engine) -> None:
    applied = make_settlement(attributes(external_id="u", n={"inc": 1}))
    _apply(engine, applied)
    late = make_settlement(
        attributes(external_id="u", n={"inc": 1}),
        event_id=applied.event_id,
        delivery_id=applied.delivery_id,
        attempt=2,
        is_retry=True,
    )
    assert _try(engine, late) == DryRun((None,), ())


def test_what_is_put_and_deleted_again_is_no_difference(engine: Engine) -> None:
    _make_catalog(engine)
    found = _try(
        engine,
        make_settlement(item("put", "products", id="a", price=1)),
        make_settlement(item("delete", "products", id="a")),
    )
    assert found.differences == ()


def test_a_character_that_no_database_holds_is_promised_as_it_is_kept(engine: Engine) -> None:
    found = _try(engine, make_settlement(attributes(external_id="u", name="a\x00b")))
    [differs] = found.differences
    assert isinstance(differs, ProfileDiffers)
    assert differs.changes[-1].after == "a\N{REPLACEMENT CHARACTER}b"


def test_the_command_line_looks_at_the_database_of_the_settings(
    engine: Engine, database_url: str
) -> None:
    with writing(engine) as connection:
        ensure_default_workspace(connection, now=NOW)
    _apply(engine, make_settlement(attributes(external_id="u", n=1)))
    asked = make_settlement(attributes(external_id="u", n={"inc": 1}))
    outcome = Outcome(Verdict.OK, output=asked.output, operations=tuple(asked.operations))
    settings = load_settings(database_url=database_url)
    with looking_at(settings, workspace=None) as store:
        changes = store.changes(outcome, event_id=asked.event_id)
    assert changes["summary"] == ["1 profile changes n"]
    assert store.place == mask_password(database_url)


# --- the promise, for operations of all kinds ---

_WHO = st.sampled_from(
    [
        *({"external_id": f"u{number}"} for number in range(3)),
        {"external_id": "u0", "email": "a@b.co"},
        {"external_id": "u1", "email": "a@b.co", "phone": "+4912345"},
        {"external_id": "u2", "email": None},
        {"email": "a@b.co"},
        {"email": "c@d.co"},
        {"phone": "+4912345"},
        {"user_alias": {"alias_name": "n", "alias_label": "l"}},
        {"user_alias": {"alias_name": "m", "alias_label": "l"}, "_update_existing_only": False},
        {"external_id": "u9", "_update_existing_only": True},
        {"braze_id": "prf_nobody"},
        {"external_id": "u0", "braze_id": "prf_nobody"},
        {},
    ]
)
_SCALARS = st.sampled_from([0, 1, 1.0, True, False, "a", "b\x00", -2.5, "é"])
_OBJECTS = st.dictionaries(st.sampled_from(["id", "city", "zip"]), _SCALARS, max_size=3)
_VALUES = st.one_of(
    st.none(),
    _SCALARS,
    _OBJECTS,
    st.fixed_dictionaries({"address": _OBJECTS}),
    st.lists(_SCALARS, max_size=3),
    st.lists(_OBJECTS, max_size=2),
    st.fixed_dictionaries({"inc": st.integers(-2, 2)}),
    st.fixed_dictionaries({"add": st.lists(_SCALARS, max_size=2)}),
    st.fixed_dictionaries({"remove": st.lists(_SCALARS, max_size=2)}),
    st.fixed_dictionaries({"$add": st.lists(_OBJECTS, max_size=2)}),
    st.fixed_dictionaries(
        {
            "$update": st.just(
                [{"$identifier_key": "id", "$identifier_value": 1, "$new_object": {"id": 2}}]
            )
        }
    ),
)
_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(["Ada", None]),
        "dob": st.sampled_from(["1815-12-10", "once"]),
        "gender": st.sampled_from(["F", None]),
        "current_location": st.just({"longitude": 1, "latitude": 2.5}),
        "email_subscribe": st.sampled_from(["opted_in", "maybe"]),
        "a": _VALUES,
        "b": _VALUES,
        "a/~.b": _VALUES,
        "_merge_objects": st.booleans(),
    },
)
_TIMES = st.sampled_from(["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2030-01-01", "never"])
_ATTRIBUTES = st.builds(lambda who, fields: attributes(**who, **fields), _WHO, _FIELDS)
_EVENTS = st.builds(
    lambda who, name, time: event(**who, name=name, time=time),
    _WHO,
    st.sampled_from(["x", "y/z", ""]),
    _TIMES,
)
_PURCHASES = st.builds(
    lambda who, sku, price, quantity: purchase(
        **who, product_id=sku, price=price, quantity=quantity
    ),
    _WHO,
    st.sampled_from(["mug", "cup"]),
    st.sampled_from([0.1, 0.2, 3, "free"]),
    st.sampled_from([1, 2, 101]),
)
_ITEM_FIELDS = st.fixed_dictionaries(
    {"id": st.sampled_from(["p", "q"])},
    optional={
        "price": st.sampled_from([1, 2.5, "3", None, "dear"]),
        "tags": st.sampled_from([["a"], ["a", "b"], {"$add": ["c"]}, None]),
        "made": st.sampled_from([{"in": "Meissen"}, {"in": None, "by": {"hand": True}}]),
    },
)
_ITEMS = st.builds(
    lambda kind, catalog, fields: item(
        kind, catalog, **(fields if kind != "delete" else {"id": fields["id"]})
    ),
    st.sampled_from(["put", "put", "patch", "delete"]),
    st.sampled_from(["products", "products", "products", "nowhere"]),
    _ITEM_FIELDS,
)
_OPERATIONS = st.one_of(
    st.lists(st.one_of(_ATTRIBUTES, _ATTRIBUTES, _EVENTS, _PURCHASES), max_size=5),
    st.lists(_ITEMS, max_size=3),
)
_STREAMS = st.lists(_OPERATIONS, min_size=1, max_size=4)


@given(present=_STREAMS, asked=_STREAMS, replayed=st.booleans())
@limits(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_writer_does_what_the_dry_run_promised(
    engine: Engine,
    present: list[list[JsonObject]],
    asked: list[list[JsonObject]],
    replayed: bool,
) -> None:
    # Compare with the roster's own profiles instead of the store's, or leave aliases or "fields"
    # out of _view, to see this fail.
    workspace_id = new_workspace_id()
    _make_catalog(engine, workspace_id)
    firsts = [make_settlement(*one, workspace_id=workspace_id) for one in present]
    _apply(engine, *firsts, workspace_id=workspace_id)
    wanted = [
        make_settlement(
            *one,
            workspace_id=workspace_id,
            event_id=first.event_id if replayed else None,
            replay_of=first.delivery_id if replayed else None,
        )
        for one, first in zip(asked, firsts * 4, strict=False)
    ]
    before = _store(engine, workspace_id)

    promised = _try(engine, *wanted, workspace_id=workspace_id)
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=workspace_id, settlements=wanted, now=LATER)

    expected = _as_promised(before, promised)
    written = _store(engine, workspace_id)
    assert _comparable(written, known=before) == _comparable(expected, known=before)
    with reading(engine) as connection:
        log = list_deliveries(connection, workspace_id=workspace_id, limit=100)
    told = {row["id"]: row for row in log}
    for settlement, settled in zip(wanted, promised.settled, strict=True):
        assert settled is not None
        row = told[settlement.delivery_id]
        assert row["outcome"] == settled.state.value
        assert row["errors"] == [problem.as_json() for problem in settled.errors]
        assert row["warnings"] == [problem.as_json() for problem in settled.warnings]


def _store(engine: Engine, workspace_id: WorkspaceId) -> dict[str, JsonObject]:
    """Give every profile and item of a workspace; what is equal to all but the writer is left out."""
    with reading(engine) as connection:
        named: dict[str, list[JsonObject]] = {}
        for row in connection.execute(
            select(aliases)
            .where(aliases.c.workspace_id == workspace_id)
            .order_by(aliases.c.alias_label, aliases.c.alias_name)
        ):
            alias = {"alias_name": row.alias_name, "alias_label": row.alias_label}
            named.setdefault(row.profile_id, []).append(alias)
        found: dict[str, JsonObject] = {}
        for row in connection.execute(
            select(profiles).where(profiles.c.workspace_id == workspace_id)
        ):
            document = dict(row.document)
            document.pop("order")
            identifiers = {
                "external_id": row.external_id,
                "email": row.email,
                "phone": row.phone,
                "user_aliases": named.get(row.id),
            }
            found[row.id] = {
                **{name: value for name, value in identifiers.items() if value},
                **document.pop("fields", {}),
                **document,
            }
        for row in connection.execute(
            select(catalogs.c.name, catalog_items.c.item_id, catalog_items.c.document)
            .join(catalogs, catalogs.c.id == catalog_items.c.catalog_id)
            .where(catalogs.c.workspace_id == workspace_id)
        ):
            found[f"{row.name}/{row.item_id}"] = row.document
    return found


def _as_promised(before: dict[str, JsonObject], promised: DryRun) -> dict[str, JsonObject]:
    after = deepcopy(before)
    for number, difference in enumerate(promised.differences):
        match difference:
            case ProfileDiffers(profile, fate, changes):
                key = profile.braze_id or f"new {number}"
            case ItemDiffers(catalog_name, item_id, fate, changes):
                key = f"{catalog_name}/{item_id}"
            case IdentifierShared() | NobodyMeant():
                continue
        assert (key in before) is (fate is not Fate.CREATED)
        assert bool(changes) or fate is not Fate.CHANGED
        document = after.setdefault(key, {})
        for change in changes:
            _make(document, change)
        for section in SECTIONS:
            if document.get(section) == {} and isinstance(difference, ProfileDiffers):
                del document[section]
        if fate is Fate.REMOVED:
            assert document == {}
            del after[key]
    return after


def _make(document: JsonObject, change: Change) -> None:
    """Make one change of a document, which must hold what the change says it holds."""
    *way, last = change.path
    holder: Any = document
    for name in way:
        holder = holder.setdefault(name, {})
    assert is_same(holder.get(last, ABSENT), change.before)
    if change.after is ABSENT:
        del holder[last]
    else:
        holder[last] = change.after


def _comparable(store: dict[str, JsonObject], *, known: Iterable[str]) -> Counter[str]:
    """Give what is there under its key; a new profile without one, for its id is made when written."""
    return Counter(
        f"{key if key in known or '/' in key else ''} "
        f"{orjson.dumps(_plain(held), option=orjson.OPT_SORT_KEYS).decode()}"
        for key, held in store.items()
    )


def _plain(value: Any) -> Any:
    """Write 1.0 as 1, as one of the two databases does."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: _plain(held) for name, held in value.items()}
        case list():
            return [_plain(held) for held in value]
        case _:
            return value
