"""The promise of a dry run, for operations of all kinds: the writer changes that, and nothing else."""

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlalchemy import Engine, select

from tests.support.identities import ADA, BOB, new_alias, rename
from tests.support.identity_strategies import IDENTITY_OPERATIONS
from tests.support.settlements import attributes, event, item, make_settlement, purchase
from transformer.api.dry_runs import CHANGES_OF_MANY
from transformer.ids import WorkspaceId, new_workspace_id
from transformer.operation import JsonObject
from transformer.store.catalogs import create_catalog
from transformer.store.deliveries import list_deliveries
from transformer.store.engine import reading, snapshot, writing
from transformer.store.tables import (
    aliases,
    catalog_items,
    catalogs,
    deprecated_external_ids,
    profiles,
)
from transformer.writer.apply import apply_batch
from transformer.writer.changes import ABSENT, Change
from transformer.writer.differences import (
    Fate,
    IdentifierShared,
    ItemDiffers,
    NobodyMeant,
    ProfileDiffers,
)
from transformer.writer.dry_run import DryRun, dry_run
from transformer.writer.profile import APART
from transformer.writer.values import is_same

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SHAPE = Draft202012Validator(CHANGES_OF_MANY)
SECTIONS = ("custom_attributes", "custom_events", "purchases")

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
    st.sampled_from(["create", "put", "put", "patch", "delete"]),
    st.sampled_from(["products", "products", "products", "nowhere"]),
    _ITEM_FIELDS,
)
_DATA = st.one_of(
    st.lists(st.one_of(_ATTRIBUTES, _ATTRIBUTES, _EVENTS, _PURCHASES), max_size=5),
    st.lists(_ITEMS, max_size=3),
)
_DELIVERIES = st.lists(_DATA, min_size=1, max_size=4)
_IDENTITIES = st.lists(st.lists(IDENTITY_OPERATIONS, max_size=5), min_size=1, max_size=3)
_limits = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(present=_DELIVERIES, asked=_DELIVERIES, replayed=st.booleans())
@_limits
def test_the_writer_changes_what_the_dry_run_said(
    engine: Engine,
    present: list[list[JsonObject]],
    asked: list[list[JsonObject]],
    replayed: bool,
) -> None:
    # Compare with the roster's own profiles instead of the store's, or leave "fields" out of
    # _portrait, to see this fail.
    _keep(engine, present, asked, replayed=replayed)


@given(
    present=st.lists(IDENTITY_OPERATIONS, min_size=3, max_size=10),
    asked=_IDENTITIES,
    replayed=st.booleans(),
)
@_limits
def test_who_profiles_are_is_what_the_dry_run_said(
    engine: Engine,
    present: list[JsonObject],
    asked: list[list[JsonObject]],
    replayed: bool,
) -> None:
    # Leave roster.removed out of _profiles, or names out of _portrait or _changed, to see this fail.
    _keep(engine, [_PEOPLE, present], asked, replayed=replayed)


_PEOPLE = [
    attributes(external_id="u1", email="a@b.co", a=1),
    attributes(external_id="u2", email="a@b.co", phone="+33123456"),
    new_alias("u1", **ADA),
    new_alias(None, **BOB),
    rename("u2", "u3"),
]


def _keep(
    engine: Engine,
    present: list[list[JsonObject]],
    asked: list[list[JsonObject]],
    *,
    replayed: bool,
) -> None:
    """Hold a dry run's promise against what the writer then does."""
    workspace_id = new_workspace_id()
    _make_catalog(engine, workspace_id)
    firsts = [make_settlement(*one, workspace_id=workspace_id) for one in present]
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=workspace_id, settlements=firsts, now=NOW)
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

    with snapshot(engine) as connection:
        promised = dry_run(connection, workspace_id=workspace_id, settlements=wanted, now=LATER)
    with writing(engine) as connection:
        apply_batch(connection, workspace_id=workspace_id, settlements=wanted, now=LATER)

    told = promised.as_json()
    SHAPE.validate(told)
    assert all(said.endswith(".") for one in told["diff"] for said in one["sentences"])
    assert all(one["sentences"] for one in told["diff"])
    assert bool(told["summary"]) is bool(told["diff"])
    expected = _as_promised(before, promised)
    written = _store(engine, workspace_id)
    assert _comparable(written, known=before) == _comparable(expected, known=before)
    with reading(engine) as connection:
        log = list_deliveries(connection, workspace_id=workspace_id, limit=100)
    logged = {row["id"]: row for row in log}
    for settlement, settled in zip(wanted, promised.settled, strict=True):
        assert settled is not None
        row = logged[settlement.delivery_id]
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
        former: dict[str, list[str]] = {}
        for row in connection.execute(
            select(deprecated_external_ids)
            .where(deprecated_external_ids.c.workspace_id == workspace_id)
            .order_by(deprecated_external_ids.c.external_id)
        ):
            former.setdefault(row.profile_id, []).append(row.external_id)
        found: dict[str, JsonObject] = {}
        for row in connection.execute(
            select(profiles).where(profiles.c.workspace_id == workspace_id)
        ):
            document = dict(row.document)
            for name in APART:
                document.pop(name, None)
            identifiers = {
                "external_id": row.external_id,
                "email": row.email,
                "phone": row.phone,
                "user_aliases": named.get(row.id),
                "deprecated_external_ids": former.get(row.id),
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


def _make_catalog(engine: Engine, workspace_id: WorkspaceId) -> None:
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
